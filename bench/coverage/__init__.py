"""Line coverage of the firmware, on its own VM."""
