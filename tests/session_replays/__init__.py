"""Every shipped card's session replayed at fresh inputs: nothing may differ but what has to. And changes of cards and
terminals, each of which must be found."""
