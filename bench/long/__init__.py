"""Long runs: cases made at random, each from seed, kind and number alone, so that each can be repeated alone."""
