"""Script notice (0620): what became of the issuer's script commands in the card."""

from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.authorise import answer_of
from tillbench.host.acquirer.case import Case
from tillbench.host.acquirer.chip import SCRIPT_RESULT
from tillbench.host.acquirer.request import Answer


def take_script_notice(case: Case) -> Answer:
    """Keep the script result (tag DF31) beside its transaction; a repeat gets its first answer again."""
    request, said = case.request, case.request.original
    before = case.books.under_trace(request.terminal_id, request.batch, request.stan)
    if "notice" in before:
        return answer_of(before["notice"], "repeated: first answer again")
    original = case.books.under_trace(request.terminal_id, said.batch, said.stan).get("request")
    if original is None:
        return case.answer(response_code.NO_ORIGINAL, "no such original")
    if said.rrn and said.rrn != original.rrn:
        return case.answer(response_code.RELATED_TRANSACTION_ERROR, "reference number is not the original's")
    entry = case.books.enter(
        request,
        at=case.now,
        code=response_code.APPROVED,
        card=original.card,
        original=original,
        script_result=request.chip.tags.get(SCRIPT_RESULT, b"") if request.chip else b"",
    )
    return answer_of(entry)
