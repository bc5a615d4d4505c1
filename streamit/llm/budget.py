"""Counts tokens and money as replies arrive, and lets nothing be asked that could pass the cap."""

from __future__ import annotations

from dataclasses import dataclass

from streamit.errors import BudgetError, EndpointError
from streamit.llm.prices import Price, Prices
from streamit.llm.render import Request
from streamit.llm.reply import Reply
from streamit.llm.tokens import Tokens, bound_tokens


@dataclass(frozen=True, slots=True)
class Spent:
    """What this run has used so far; `cost` is None where nobody knows the model's price."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None


class Budget:
    """The money of one run: spent, held for requests on their way, and the cap.

    Before a request is sent, the most it can cost is held, so the cap is kept whatever comes
    back. Raises EndpointError when there is a cap and no price for the model.
    """

    def __init__(self, model: str, prices: Prices | None, max_cost: float | None = None) -> None:
        self._price: Price | None = prices.models.get(model) if prices else None
        self._max_cost = max_cost
        self._held = 0.0
        self._n_held = 0
        self._cost = 0.0
        self._tokens = Tokens(0, 0)
        if max_cost is not None and self._price is None:
            raise EndpointError(
                f"--max-cost {max_cost:g}: nobody knows what {model!r} costs, so it cannot be "
                "capped; put its price into a copy of streamit/llm/prices.yaml and give that with "
                "--set llm.prices=FILE"
            )

    @property
    def spent(self) -> Spent:
        """What this run has used so far."""
        cost = None if self._price is None else self._cost
        return Spent(self._tokens.input, self._tokens.output, cost)

    def hold(self, request: Request) -> Tokens | None:
        """Hold the most that a request can cost; None when others must come back before.

        Raises BudgetError when nothing is on its way and it still could pass the cap.
        """
        most = bound_tokens(request)
        cost = self._price_of(most)
        if self._max_cost is not None and self._cost + self._held + cost > self._max_cost:
            if self._n_held:
                return None
            raise BudgetError(
                f"stopped before --max-cost {self._max_cost:g}: {self._cost:.6f} is spent, and the "
                f"next request could cost {cost:.6f}; all replies are in the cache: run again with "
                "a new budget to go on, or with --replay to build from what is there"
            )
        self._held += cost
        self._n_held += 1
        return most

    def release(self, held: Tokens) -> None:
        """The request was refused before a model saw it, and cost nothing."""
        self._held -= self._price_of(held)
        self._n_held -= 1

    def settle(self, held: Tokens, reply: Reply | None = None) -> None:
        """The request was, or may have been, answered. What the server did not count costs most.

        A request whose reply never arrived (None) may be on the bill all the same.
        """
        self.release(held)
        used = held
        if reply is not None:
            used = Tokens(
                held.input if reply.input_tokens is None else reply.input_tokens,
                held.output if reply.output_tokens is None else reply.output_tokens,
            )
        self._cost += self._price_of(used)
        if reply is not None:
            self._tokens = Tokens(
                self._tokens.input + used.input, self._tokens.output + used.output
            )

    def _price_of(self, tokens: Tokens) -> float:
        return 0.0 if self._price is None else self._price.cost(tokens.input, tokens.output)
