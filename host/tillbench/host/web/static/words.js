// Every text of the page, in both languages.

const WORDS = {
  skip: ["To the terminal", "跳到终端"], terminal: ["Terminal", "终端"], clock: ["Clock of the bench", "测试台时钟"],
  sound: ["Sound", "声音"], theme: ["Light / dark", "浅色/深色"], paper: ["Paper of the printer", "打印纸"], tear: ["Tear off", "撕下"],
  leds: ["LEDs", "指示灯"], keypad: ["Keypad", "键盘"], chip: ["CHIP", "芯片卡"], card: ["Card in the slot", "卡槽中的卡"],
  findcard: ["Find a card", "查找卡片"], slips: ["Slips", "签购单"], wires: ["Wires", "线路"], pause: ["Pause", "暂停"], clear: ["Clear", "清空"],
  download: ["JSON Lines", "JSON Lines"], detail: ["The exchange, taken apart", "报文解析"], pick: ["Choose an exchange to take it apart.", "选择一条报文即可逐字段解析。"],
  first: ["A sale: type an amount, ENTER, click a card, type its PIN (the shipped test cards: UnionPay 123456, Visa 1234), ENTER; take the card, tear off the slip.", "一笔消费：输入金额，按 ENTER，点击一张卡，输入密码（自带测试卡：银联 123456，Visa 1234），按 ENTER；取卡，撕下签购单。"],
  command: ["command", "命令"], response: ["response", "应答"], message: ["message", "报文"], green: ["green", "绿"], yellow: ["yellow", "黄"], red: ["red", "红"], blue: ["blue", "蓝"],
  bench: ["Bench", "测试台"], host: ["Acquirer", "收单行"], books: ["Books", "账目"], scenes: ["Scenarios", "场景"],
  out: ["Out", "拔出"], half: ["Half in", "半插"], in: ["In", "插入"], cardsearch: ["Find ({})", "查找 ({})"], wiresearch: ["Search", "搜索"],
  starting: ["The terminal starts …", "终端正在启动……"], lost: ["Emulator not reachable", "无法连接模拟器"], stand: ["Stop", "停"], ahead: ["+30 s", "+30 秒"], hour: ["+1 h", "+1 小时"],
  caseshut: ["Case shut (tamper switch)", "机壳闭合（防拆开关）"], howcard: ["What a click on a card does", "点击卡片时"], insert: ["Insert", "插卡"], swipe: ["Swipe", "刷卡"], damaged: ["Swipe, damaged", "刷坏卡"], tap: ["Tap", "挥卡"],
  readers: ["PC/SC readers of this computer", "本机的 PC/SC 读卡器"], unavailable: ["not available", "不可用"], lookagain: ["Look again", "重新查找"],
  noreadercard: ["empty", "无卡"], lendable: ["click to insert its card", "点击插入其中的卡"], lent: ["its card is in the terminal's slot", "卡已在终端卡槽中"],
  onlyours: ["Only test cards of this bench can pay; any other card may be read, and nothing else.", "仅本测试台的测试卡可以付款；其他卡只可读取。"],
  power: ["Power", "电源"], network: ["Network plug", "网线"], cover: ["Printer cover closed", "打印机盖已合上"], loaded: ["Paper", "纸卷"], mm: ["{} mm left", "剩余 {} 毫米"],
  battery: ["Battery, mV (0: none; looked for at the start)", "电池，毫伏（0：无；开机时检测）"], putin: ["Put in", "装入"],
  load: ["New roll", "换纸"], paperout: ["Paper out", "缺纸"], jam: ["Cutter jammed", "切刀卡住"], peripherals: ["Terminal and peripherals", "终端与外设"],
  cutpower: ["Cut the power in the middle of a flash write", "在写闪存时断电"], writes: ["n-th write from restart", "重启后第 n 次写入"], arm: ["Restart so", "这样重启"],
  slotfaults: ["Card slot", "卡槽"], mute: ["Card stays mute at reset", "复位时卡不应答"], nulls: ["NULL characters before each reply", "每次应答前的 NULL 字符数"],
  leaves: ["Card is pulled after so many exchanges", "交换若干次后拔卡"], apply: ["Apply", "应用"], behave: ["Behave again", "恢复正常"], memory: ["Memory", "内存"], heap: ["Heap", "堆"], flash: ["Flash", "闪存"], kept: ["blocks written", "已写块"],
  violations: ["What the terminal did against ISO 7816-3", "终端违反 ISO 7816-3 之处"], none: ["nothing", "无"],
  signedon: ["Signed on", "已签到"], notsignedon: ["Not signed on", "未签到"], batch: ["Batch", "批次"], stan: ["Last trace number", "最近流水号"], trace: ["Trace number", "流水号"], messages: ["Messages", "报文数"],
  nextmessage: ["The next financial request (0200) is ...", "下一笔金融请求 (0200) ..."], declined: ["declined 51", "拒绝 51"], silent: ["not answered", "无应答"], late: ["answered 70 s late", "迟 70 秒应答"], lostreq: ["lost", "丢失"],
  badmac: ["answered with a wrong MAC", "应答 MAC 错误"], dropped: ["cut off", "断开连接"], partial: ["approved in part (50 %)", "部分批准 (50 %)"], rules: ["Rules in force", "生效规则"], again: ["Ask to sign on again", "要求重新签到"],
  accounts: ["Cards and accounts", "卡与账户"], balance: ["Balance", "余额"], held: ["Held", "冻结"], tries: ["PIN tries", "密码次数"], status: ["Status", "状态"], block: ["Block", "锁定"], unblock: ["Unblock", "解锁"], reset: ["Reset tries", "重置次数"], pay: ["+100.00", "+100.00"],
  cardno: ["Card number", "卡号"],
  settlement: ["Settlement", "结算"], journal: ["Journal of the terminal", "终端流水"], totals: ["Totals of the terminal", "终端汇总"], ledger: ["Ledger of the host", "主机账本"], audit: ["Audit of the books", "账本核对"], right: ["the books are right", "账目正确"],
  refresh: ["Refresh", "刷新"], busy: ["The terminal is busy; it tells when it is idle.", "终端正忙，空闲时再显示。"], elsewhere: ["The acquirer is another process.", "收单行在另一进程中。"],
  time: ["Time", "时间"], type: ["Type", "类型"], amount: ["Amount", "金额"], code: ["Code", "应答码"], state: ["State", "状态"], count: ["Number", "笔数"], sum: ["Sum", "合计"], bycount: ["Counted by", "统计方"], debits: ["Debits", "借记"], credits: ["Credits", "贷记"], cards: ["Cards", "卡别"],
  copycode: ["Copy as test code", "复制为测试代码"], copied: ["Copied", "已复制"], close: ["Close", "关闭"], scanslip: ["Scan it", "扫描"], picture: ["Picture", "图片"], text: ["Text", "文本"], slip: ["Slip {}", "签购单 {}"],
  overview: ["Terminals", "终端"], open: ["Open", "打开"],
  gallery: ["Gallery", "示例"], play: ["Play", "播放"], speedof: ["Speed", "速度"], record: ["Record", "录制"], stoprec: ["Stop", "停止"], recording: ["Recording: use the terminal, then stop.", "正在录制：操作终端，然后停止。"],
  recorded: ["Recorded", "录制结果"], saveyaml: ["YAML scenario", "YAML 场景"], savetest: ["pytest test", "pytest 测试"], lookfor: ["Look for", "观察"], running: ["playing ...", "播放中..."], passed: ["as expected", "符合预期"], failed: ["not as expected", "不符合预期"],
  playrecorded: ["Play it", "播放"], choosefile: ["Play a file", "播放文件"],
  "wire-keys": ["keys", "按键"], "wire-screen": ["screen", "屏幕"], "wire-card": ["card", "卡"], "wire-ccid": ["ccid", "读卡芯片"], "wire-host": ["host", "主机"], "wire-printer": ["printer", "打印机"],
  "wire-log": ["log", "日志"], "wire-power": ["power", "电源"], "wire-leds": ["LEDs", "指示灯"], "wire-buzzer": ["buzzer", "蜂鸣器"], "wire-case": ["case", "机壳"], "wire-scanner": ["scanner", "扫描器"], "wire-assist": ["assist", "协助"], "wire-bench": ["bench", "测试台"],
};

let at = 0;
const listeners = [];

export function t(key, value) {
  const words = WORDS[key];
  return words ? words[at].replace("{}", value ?? "") : key;
}

export const language = () => (at ? "zh" : "en");

export function setLanguage(name) {
  at = name === "zh" ? 1 : 0;
  localStorage.setItem("tillbench-language", name);
  document.documentElement.lang = at ? "zh-CN" : "en";
  translate(document);
  listeners.forEach((tell) => tell());
}

export function onLanguage(tell) { listeners.push(tell); }

export function translate(root) {
  for (const each of root.querySelectorAll("[data-t]")) each.textContent = t(each.dataset.t);
  for (const each of root.querySelectorAll("[data-t-label]")) each.setAttribute("aria-label", t(each.dataset.tLabel));
}

export function firstLanguage() {
  return localStorage.getItem("tillbench-language") || (navigator.language.startsWith("zh") ? "zh" : "en");
}
