"""An error that leaves a flow stands in Prefect: in log, state and alarm. Never with words of people's."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from models.plain_errors import Tellable, chain_of

P = ParamSpec("P")
R = TypeVar("R")
Doing = Callable[P, Coroutine[Any, Any, R]]


class FlowFailed(Tellable):
    """A flow met an error whose words may quote somebody: what it was and where, without them."""


def plainly(doing: Doing[P, R]) -> Doing[P, R]:
    """The same flow; of an error, only what names nobody gets as far as Prefect (REQUIREMENTS 5)."""

    @wraps(doing)
    async def done(*given: P.args, **named: P.kwargs) -> R:
        try:
            return await doing(*given, **named)
        except Tellable as error:
            raise error.with_traceback(None) from None
        except Exception as error:
            raise FlowFailed(chain_of(error)) from None

    return done
