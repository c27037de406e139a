"""The scripted client's other half: sign-off, downloads, settlement and batch upload."""

from tillbench.protocols.emv import tlv
from tillbench.protocols.iso8583 import Message

from .acquirer_flows import Client, Done, Fields

Sums = tuple[int, int, int, int]
NOTHING: Sums = (0, 0, 0, 0)


class BatchClient(Client):
    """A terminal that closes its days."""

    def manage(self, mti: str, function: str, fields: Fields | None = None, *, stan: bool = True) -> Done:
        """A message that carries no transaction, by message type and network code."""
        if stan:
            self.stan += 1
        common: Fields = {11: f"{self.stan:06}" if stan else None, 60: f"00{self.batch:06}{function}"}
        request = self.message(mti, common | (fields or {}))
        return Done(request, self.ask(request))

    def download(self, function: str, asked: bytes | None = None, mti: str = "0820") -> Done:
        return self.manage(mti, function, {62: asked}, stan=False)

    def listed(self, function: str) -> list[dict[int, bytes]]:
        """A whole list of names, in as many parts as the host makes of it."""
        found: list[dict[int, bytes]] = []
        while True:
            answer = self.download(function, b"1%02d" % len(found)).answer.data(62)
            flag, entries = answer[:1], list(tlv.parse(answer[1:]))
            for item in entries:
                if item.tag == 0x9F06:
                    found.append({})
                found[-1][item.tag] = item.value
            if flag != b"2":
                return found

    def settle(self, domestic: Sums, foreign: Sums = NOTHING) -> Done:
        """0500; the answer's flags are in `flags`."""
        sides = (f"{a:012}{n:03}{b:012}{m:03}0" for a, n, b, m in (domestic, foreign))
        return self.manage("0500", "201", {48: "".join(sides), 49: "156", 63: "01 "})

    def upload_details(self, *sales: Done) -> Done:
        """Stripe details, at most eight a message."""
        parts = [
            f"{'00' if sale.request.text(2).startswith('62') else '01'}{sale.request.text(11)}"
            f"{sale.request.text(2):0>20}{sale.request.text(4)}"
            for sale in sales
        ]
        return self.manage("0320", "201", {48: f"{len(parts):02}" + "".join(parts)})

    def upload_chip(self, sale: Done, *, failed: bool = False, changes: Fields | None = None) -> Done:
        """A chip transaction with its certificate, under the trace number that it had."""
        kept: Fields = {n: sale.request[n] for n in (2, 4, 11, 22, 23, 55) if n in sale.request}
        proof = f"{'71' if failed else '61'}00{'05' if failed else '00'}{sale.request.text(4)}156"
        function = "204" if failed else "203"
        fields = kept | {62: proof.encode(), 60: f"00{self.batch:06}{function}"} | (changes or {})
        request = self.message("0320", fields)
        return Done(request, self.ask(request))

    def upload_advice(self, advice: Done) -> Done:
        """An advice once more, without its MAC."""
        fields = {number: value for number, value in advice.request.fields.items() if number != 64}
        request = Message("0320", fields)
        return Done(request, self.ask(request))

    def end_upload(self, count: int, *, balanced: bool) -> Done:
        return self.manage("0320", "207" if balanced else "202", {48: f"{count:04}"})


def flags(done: Done) -> str:
    """Domestic and foreign flag of a settlement's answer: 1 balanced, 2 not, 3 not comparable."""
    text = done.answer.text(48)
    return text[30] + text[61]
