"""The emulator: a board whose peripherals are models, driven over the bench link."""
