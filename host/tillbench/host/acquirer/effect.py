"""What a transaction moves: on the account's balance, on what is held of it, and on the card's purse."""

from typing import NamedTuple

from tillbench.host.acquirer.schema import Transaction


class Effect(NamedTuple):
    """Minor units, below zero for less."""

    booked: int = 0
    held: int = 0
    purse: int = 0

    def __neg__(self) -> "Effect":
        return Effect(-self.booked, -self.held, -self.purse)

    @classmethod
    def of(cls, transaction: Transaction) -> "Effect":
        """What a transaction has moved."""
        return cls(transaction.booked, transaction.held, transaction.purse)


NOTHING = Effect()


def spent(amount: int, purse: int) -> Effect:
    """An amount that the chip has paid offline: out of its purse, and what the issuer has not heard of being there
    out of the account."""
    from_purse = min(amount, purse)
    return Effect(booked=from_purse - amount, purse=-from_purse)


def undone(transaction: Transaction) -> Effect:
    """The inverse of what a transaction moved; what its purse has spent meanwhile comes out of the account."""
    effect = -Effect.of(transaction)
    card = transaction.purse_card or transaction.card
    shortage = -(card.purse + effect.purse) if card and effect.purse < 0 else 0
    if shortage <= 0:
        return effect
    return Effect(effect.booked - shortage, effect.held, effect.purse + shortage)
