"""The texts on screens and slips, by key.

A language is one table in `bytes`, a line a text: on a device that is one object in flash instead of a dictionary of
two hundred in RAM. Screen texts have at most 16 characters, slip texts at most 32.
"""

_EN = b"""
title=TILLBENCH
starting=STARTING...
ready=READY
idle_keys=AMOUNT OR MENU
sign_on_due=SIGN ON FIRST
reversal_due=REVERSAL PENDING
out_of_service=OUT OF SERVICE
call_service=CALL SERVICE
code=CODE
fault=TERMINAL FAULT
menu=MENU
sale=SALE
sign_on=SIGN ON
info=TERMINAL INFO
reprint=REPRINT LAST
nothing_to_print=NO SLIP YET
test_note=TEST TERMINAL
amount=AMOUNT
amount_keys=ENTER=OK
amount_zero=NOT ZERO
insert_card=INSERT CARD
cancel_key=CANCEL=STOP
reading_card=READING CARD
please_wait=PLEASE WAIT
choose_app=APPLICATION
enter_pin=ENTER PIN
pin_keys=CLEAR   ENTER=OK
pin_required=PIN REQUIRED
pin_too_short=4 DIGITS OR MORE
connecting=CONNECTING...
waiting=WAITING FOR HOST
reversing=REVERSING...
reversed=REVERSED
approved=APPROVED
declined=DECLINED
not_approved=NOT APPROVED
auth=AUTH
remove_card=REMOVE CARD
cancelled=CANCELLED
timed_out=TIME IS OVER
card_removed=CARD REMOVED
card_mute=CARD IS SILENT
card_fault=CARD ERROR
card_not_accepted=NOT ACCEPTED
card_terminated=CARD REFUSED
card_format=CARD DATA BAD
card_declined=CARD DECLINED
offline_refused=OFFLINE REFUSED
no_line=NO LINE
no_answer=NO ANSWER
answer_malformed=BAD ANSWER
answer_mac=ANSWER MAC BAD
answer_unclear=ANSWER UNCLEAR
answer_refused=HOST REFUSED
keys_refused=KEYS REFUSED
signed_on=SIGNED ON
batch=BATCH
journal_damaged=JOURNAL DAMAGED
parameters_damaged=SETTINGS DAMAGED
counters_damaged=COUNTERS DAMAGED
other_master_key=OTHER MASTER KEY
no_master_key=NO MASTER KEY
keys_damaged=KEY FILE DAMAGED
flash_fault=FLASH FAULT
batch_full=BATCH IS FULL
flash_full=FLASH IS FULL
paper_out=OUT OF PAPER
add_paper=ADD PAPER, ENTER
printer_fault=PRINTER FAULT
try_again=ENTER=TRY AGAIN
no_slip_key=CANCEL=NO SLIP
printing=PRINTING...
tear_off=TEAR OFF, ENTER
merchant_copy=MERCHANT COPY
cardholder_copy=CARDHOLDER COPY
slip_title=POS SALES SLIP
slip_merchant_name=MERCHANT NAME:
slip_merchant=MERCHANT NO:
slip_terminal=TERMINAL NO:
slip_operator=OPERATOR NO:
slip_card=CARD NO:
slip_type=TXN TYPE:
slip_batch=BATCH NO:
slip_voucher=VOUCHER NO:
slip_auth=AUTH NO:
slip_reference=REF NO:
slip_time=DATE/TIME:
slip_amount=AMOUNT:
slip_sequence=PAN SN:
slip_signature=CARDHOLDER SIGNATURE
slip_consent=I ACCEPT THIS PAYMENT
slip_pin=PIN VERIFIED
slip_no_cvm=NO SIGNATURE REQUIRED
slip_duplicate=**** DUPLICATE ****
slip_test=*** TEST - NOT VALID ***
"""


def text(key: str) -> str:
    """The text under `key`. Raises KeyError when the table has no such key."""
    start = _EN.find(b"\n" + key.encode() + b"=")
    if start < 0:
        raise KeyError(key)
    start += len(key) + 2
    return _EN[start : _EN.find(b"\n", start)].decode()
