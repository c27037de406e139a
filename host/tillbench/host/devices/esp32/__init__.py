"""An ESP32's serial bootloader and SPI flash: what a flashing tool meets on the wire, without the chip."""
