"""What happens at a terminal as a list of steps: written in YAML, recorded on the page, played at any speed."""
