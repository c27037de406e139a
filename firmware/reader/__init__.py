"""The board as a PC/SC reader: serial CCID for the driver that Debian's libccid has for readers on a serial port."""
