"""Field 39: what each response code means to the terminal and to the people in front of it."""

from typing import Literal, NamedTuple

Class = Literal["approved", "retry", "refused", "operator", "system"]


class Response(NamedTuple):
    """A response code. kind: `approved`; `retry` may be tried again; `refused` not; `operator` has to act (keep the
    card, call); `system` the host's own trouble. source as in the dialect."""

    code: str
    kind: Class
    english: str
    chinese: str
    source: str = "C"

    @property
    def approved(self) -> bool:
        return self.kind == "approved"


_TABLE = (
    Response("00", "approved", "Approved", "交易成功"),
    Response("01", "refused", "Contact your bank", "请持卡人与发卡银行联系"),
    Response("02", "refused", "Contact your bank", "请联系发卡行", "older tables"),
    Response("03", "refused", "Invalid merchant", "无效商户"),
    Response("04", "operator", "Keep the card", "此卡被没收"),
    Response("05", "refused", "Not authenticated", "持卡人认证失败"),
    Response("07", "operator", "Keep the card", "没收卡", "older tables"),
    Response("09", "retry", "Please try again", "请重试", "older tables"),
    Response("10", "approved", "Approved in part", "成功,部分承兑"),
    Response("11", "approved", "Approved, VIP", "成功,VIP客户"),
    Response("12", "refused", "Invalid transaction", "无效交易"),
    Response("13", "retry", "Invalid amount", "无效金额"),
    Response("14", "retry", "Invalid card number", "无效卡号"),
    Response("15", "refused", "No such issuer", "此卡无对应发卡方"),
    Response("19", "retry", "Please try again", "请重试", "older tables"),
    Response("20", "refused", "Contact your bank", "请联系发卡行", "older tables"),
    Response("21", "refused", "Card not active", "该卡未初始化或睡眠卡"),
    Response("22", "refused", "Related tx wrong", "操作有误,或关联交易错误"),
    Response("23", "refused", "Contact your bank", "请联系发卡行", "older tables"),
    Response("25", "refused", "No original tx", "没有原始交易,请联系发卡方"),
    Response("30", "refused", "Format error", "报文格式错误"),
    Response("34", "operator", "Fraud, keep card", "作弊卡,吞卡"),
    Response("38", "refused", "PIN tries exceeded", "密码错误次数超限,请与发卡方联系"),
    Response("40", "refused", "Not supported", "发卡方不支持的交易类型"),
    Response("41", "operator", "Lost, keep card", "挂失卡,请没收"),
    Response("43", "operator", "Stolen, keep card", "被窃卡,请没收"),
    Response("45", "refused", "Use the chip", "请使用芯片卡"),
    Response("51", "refused", "Insufficient funds", "可用余额不足"),
    Response("54", "refused", "Expired card", "该卡已过期"),
    Response("55", "refused", "Wrong PIN", "密码错"),
    Response("57", "refused", "Card not permitted", "不允许此卡交易"),
    Response("58", "refused", "Terminal not permitted", "不允许此终端交易"),
    Response("59", "refused", "Card check failed", "卡片校验错"),
    Response("61", "refused", "Amount over limit", "交易金额超限"),
    Response("62", "refused", "Restricted card", "受限制的卡"),
    Response("64", "refused", "Amount mismatch", "交易金额与原交易不匹配"),
    Response("65", "refused", "Too many uses", "超出消费次数限制"),
    Response("68", "refused", "Issuer timed out", "发卡行响应超时,请重试"),
    Response("75", "refused", "PIN tries exceeded", "密码错误次数超限"),
    Response("77", "operator", "Batch differs, sign on", "批次不一致,请重新签到", "W *"),
    Response("90", "refused", "Day change, try later", "系统日切,请稍后重试"),
    Response("91", "refused", "Issuer unavailable", "发卡方状态不正常"),
    Response("92", "refused", "Issuer line down", "发卡方线路异常"),
    Response("94", "refused", "Duplicate", "重复交易"),
    Response("96", "refused", "System malfunction", "交换中心异常"),
    Response("97", "refused", "Terminal unknown", "终端未登记"),
    Response("98", "refused", "Issuer timed out", "发卡方超时"),
    Response("99", "refused", "PIN format, sign on", "PIN格式错,请重新签到"),
    Response("A0", "retry", "MAC error, sign on", "MAC校验错,请重新签到"),
    Response("A1", "refused", "Currency mismatch", "转账货币不一致"),
    Response("A2", "approved", "Approved, ask issuer", "交易成功,请向发卡行确认", "L; C says try again"),
    Response("A3", "refused", "Wrong account", "账户不正确"),
    Response("A4", "approved", "Approved, ask issuer", "交易成功,请向发卡行确认", "L; C says try again"),
    Response("A5", "approved", "Approved, ask issuer", "交易成功,请向发卡行确认", "L; C says try again"),
    Response("A6", "approved", "Approved, ask issuer", "交易成功,请向发卡行确认", "L; C says try again"),
    Response("A7", "refused", "System malfunction", "拒绝,交换中心异常"),
)

RESPONSES: dict[str, Response] = {row.code: row for row in _TABLE}


def response(code: str) -> Response:
    """The meaning of a field 39; an unknown code is refused."""
    return RESPONSES.get(code) or Response(code, "refused", "Failed", "交易失败", "any other")
