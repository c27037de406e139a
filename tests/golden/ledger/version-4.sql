BEGIN TRANSACTION;
CREATE TABLE accounts (
	id INTEGER NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	opening BIGINT NOT NULL, 
	balance BIGINT NOT NULL, 
	held BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT held_not_negative CHECK (held >= 0)
);
INSERT INTO "accounts" VALUES(1,'156',100000,98900,0);
INSERT INTO "accounts" VALUES(2,'156',50000,50000,0);
CREATE TABLE batch_records (
	id INTEGER NOT NULL, 
	settlement_id INTEGER NOT NULL, 
	kind VARCHAR(8) NOT NULL, 
	stan INTEGER NOT NULL, 
	masked_pan VARCHAR(19) NOT NULL, 
	card_id INTEGER, 
	domestic BOOLEAN NOT NULL, 
	amount BIGINT NOT NULL, 
	outcome VARCHAR(8) NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT one_record_per_trace_number UNIQUE (settlement_id, kind, stan), 
	FOREIGN KEY(settlement_id) REFERENCES settlements (id), 
	FOREIGN KEY(card_id) REFERENCES cards (id)
);
CREATE TABLE cards (
	id INTEGER NOT NULL, 
	pan VARCHAR(19) NOT NULL, 
	psn VARCHAR(2) NOT NULL, 
	scheme VARCHAR(16) NOT NULL, 
	expiry VARCHAR(4) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	account_id INTEGER NOT NULL, 
	pin_method VARCHAR(8) NOT NULL, 
	pin_under_lmk BLOB, 
	pin_value VARCHAR(12), 
	pin_key_index INTEGER NOT NULL, 
	pin_key_under_lmk BLOB, 
	pin_try_limit INTEGER NOT NULL, 
	pin_tries_left INTEGER NOT NULL, 
	imk_under_lmk BLOB NOT NULL, 
	last_atc INTEGER NOT NULL, 
	purse BIGINT NOT NULL, 
	most_each BIGINT NOT NULL, 
	most_a_day BIGINT NOT NULL, 
	count_a_day INTEGER NOT NULL, 
	imk_smi_under_lmk BLOB, 
	imk_smc_under_lmk BLOB, 
	PRIMARY KEY (id), 
	CONSTRAINT one_card_per_pan_and_sequence UNIQUE (pan, psn), 
	CONSTRAINT pin_tries_in_range CHECK (pin_tries_left >= 0 AND pin_tries_left <= pin_try_limit), 
	CONSTRAINT atc_is_two_bytes CHECK (last_atc >= 0 AND last_atc <= 65535), 
	CONSTRAINT card_status_known CHECK (status IN ('active', 'blocked', 'lost', 'stolen')), 
	CONSTRAINT pin_method_known CHECK (pin_method IN ('block', 'pvv', 'offset')), 
	CONSTRAINT purse_not_negative CHECK (purse >= 0), 
	CONSTRAINT limits_not_negative CHECK (most_each >= 0 AND most_a_day >= 0 AND count_a_day >= 0), 
	FOREIGN KEY(account_id) REFERENCES accounts (id)
);
INSERT INTO "cards" VALUES(1,'6200000000000005','01','unionpay','3012','active',1,'block',X'47CDCACA288B830D5EE64749E93795C1',NULL,1,NULL,3,3,X'A660AD9D47FA1E7DF07366EAAF931202195A440AC2CAF9BD',0,0,0,0,0,X'3376727E6BFDDB1CB5FD89A71E8F82CC06C311CDA50314BA',X'7B49E0F3DE3C4299E206EC3C0D1E7197C1EFABF23806E935');
INSERT INTO "cards" VALUES(2,'4761739001010010','00','visa','3112','active',2,'block',X'BF9D16B43A5324895EC78D64F72713C8',NULL,1,NULL,3,3,X'9974432C880CB8F83E149757B23B22195E05266FD390CADD',0,0,0,0,0,X'3376727E6BFDDB1CB5FD89A71E8F82CC06C311CDA50314BA',X'7B49E0F3DE3C4299E206EC3C0D1E7197C1EFABF23806E935');
CREATE TABLE counters (
	name VARCHAR(32) NOT NULL, 
	last INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "counters" VALUES('references',11);
CREATE TABLE merchants (
	id VARCHAR(15) NOT NULL, 
	name VARCHAR(40) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "merchants" VALUES('898110053110001','TILLBENCH TEST SHOP');
CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "schema_version" VALUES(4);
CREATE TABLE settlement_totals (
	id INTEGER NOT NULL, 
	settlement_id INTEGER NOT NULL, 
	counted_by VARCHAR(8) NOT NULL, 
	domestic BOOLEAN NOT NULL, 
	debit_amount BIGINT NOT NULL, 
	debit_count INTEGER NOT NULL, 
	credit_amount BIGINT NOT NULL, 
	credit_count INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT one_count_per_side UNIQUE (settlement_id, counted_by, domestic), 
	FOREIGN KEY(settlement_id) REFERENCES settlements (id)
);
INSERT INTO "settlement_totals" VALUES(1,1,'terminal',1,1000,1,400,1);
INSERT INTO "settlement_totals" VALUES(2,1,'terminal',0,0,0,0,0);
INSERT INTO "settlement_totals" VALUES(3,1,'host',1,1000,1,400,1);
INSERT INTO "settlement_totals" VALUES(4,1,'host',0,0,0,0,0);
INSERT INTO "settlement_totals" VALUES(5,2,'terminal',1,300,1,0,0);
INSERT INTO "settlement_totals" VALUES(6,2,'terminal',0,700,1,700,1);
INSERT INTO "settlement_totals" VALUES(7,2,'host',1,300,1,0,0);
INSERT INTO "settlement_totals" VALUES(8,2,'host',0,0,0,0,0);
CREATE TABLE settlements (
	id INTEGER NOT NULL, 
	terminal_id VARCHAR(8) NOT NULL, 
	batch INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	flag_domestic INTEGER NOT NULL, 
	flag_foreign INTEGER NOT NULL, 
	repaired BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT settlement_state_known CHECK (state IN ('open', 'closed')), 
	FOREIGN KEY(terminal_id) REFERENCES terminals (id)
);
INSERT INTO "settlements" VALUES(1,'12345678',1,'2026-11-23 14:05:09.000000','closed',1,1,0);
INSERT INTO "settlements" VALUES(2,'12345678',4,'2026-11-23 14:05:09.000000','open',1,2,0);
CREATE TABLE stored_answers (
	id INTEGER NOT NULL, 
	mti VARCHAR(4) NOT NULL, 
	function VARCHAR(3) NOT NULL, 
	terminal_id VARCHAR(8) NOT NULL, 
	batch INTEGER NOT NULL, 
	stan INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	code VARCHAR(2) NOT NULL, 
	rrn VARCHAR(12) NOT NULL, 
	flags VARCHAR(2) NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT one_answer_per_trace_number UNIQUE (mti, function, terminal_id, batch, stan), 
	FOREIGN KEY(terminal_id) REFERENCES terminals (id)
);
INSERT INTO "stored_answers" VALUES(1,'0500','201','12345678',1,4,'2026-11-23 14:05:09.000000','00','632714000004','11');
INSERT INTO "stored_answers" VALUES(2,'0320','207','12345678',1,5,'2026-11-23 14:05:09.000000','00','632714000005','');
INSERT INTO "stored_answers" VALUES(3,'0500','201','12345678',4,11,'2026-11-23 14:05:09.000000','00','632714000011','12');
CREATE TABLE terminals (
	id VARCHAR(8) NOT NULL, 
	merchant_id VARCHAR(15) NOT NULL, 
	tmk_under_lmk BLOB NOT NULL, 
	next_tmk_under_lmk BLOB, 
	signed_on_with_next BOOLEAN NOT NULL, 
	pik_under_lmk BLOB, 
	mak_under_lmk BLOB, 
	tdk_under_lmk BLOB, 
	batch INTEGER NOT NULL, 
	wishes VARCHAR(8) NOT NULL, 
	signed_on_at DATETIME, 
	PRIMARY KEY (id), 
	CONSTRAINT batch_is_six_digits CHECK (batch >= 0 AND batch <= 999999), 
	FOREIGN KEY(merchant_id) REFERENCES merchants (id)
);
INSERT INTO "terminals" VALUES('12345678','898110053110001',X'6EBE5792723276A64576A48C43BEA57712A4BABB4E401512',NULL,0,X'D3F8CD5F04308C4A1452737A7BD515A151780EDC72F597FF',X'2576B67B3AC735C703FB342B47929B6748CACC5FF4DCCF3B',NULL,4,'','2026-11-23 14:05:09.000000');
CREATE TABLE transactions (
	id INTEGER NOT NULL, 
	kind VARCHAR(24) NOT NULL, 
	place VARCHAR(8) NOT NULL, 
	terminal_id VARCHAR(8) NOT NULL, 
	merchant_id VARCHAR(15) NOT NULL, 
	batch INTEGER NOT NULL, 
	stan INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	masked_pan VARCHAR(19) NOT NULL, 
	card_id INTEGER, 
	purse_card_id INTEGER, 
	domestic BOOLEAN NOT NULL, 
	amount BIGINT NOT NULL, 
	approved BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	entry_mode VARCHAR(3) NOT NULL, 
	booked BIGINT NOT NULL, 
	held BIGINT NOT NULL, 
	purse BIGINT NOT NULL, 
	standing BOOLEAN NOT NULL, 
	response_code VARCHAR(2) NOT NULL, 
	reference INTEGER, 
	rrn VARCHAR(12) NOT NULL, 
	authorisation_code VARCHAR(6), 
	issuer_data BLOB, 
	atc INTEGER, 
	script_result BLOB, 
	reason VARCHAR(2), 
	original_id INTEGER, 
	settlement_id INTEGER, 
	PRIMARY KEY (id), 
	CONSTRAINT kind_known CHECK ((kind = 'sale' OR kind = 'void' OR kind = 'refund' OR kind = 'offline chip refund' OR kind = 'balance' OR kind = 'preauth' OR kind = 'preauth void' OR kind = 'completion' OR kind = 'completion advice' OR kind = 'completion void' OR kind = 'offline sale' OR kind = 'adjustment' OR kind = 'tip' OR kind = 'offline chip sale' OR kind = 'load' OR kind = 'cash load' OR kind = 'cash load void' OR kind = 'transfer load' OR kind = 'reversal' OR kind = 'script notice' OR kind = 'unlisted' OR kind = 'correction' OR kind = 'claimed')), 
	CONSTRAINT amount_positive CHECK (amount > 0 OR (amount = 0 AND (kind = 'balance' OR kind = 'script notice'))), 
	CONSTRAINT approved_within_amount CHECK (approved >= 0 AND approved <= amount), 
	CONSTRAINT booked_within_amount CHECK (abs(booked) <= amount OR (kind = 'adjustment' OR kind = 'tip' OR kind = 'correction')), 
	CONSTRAINT debits_take_and_credits_give CHECK ((booked <= 0 OR NOT (kind = 'sale' OR kind = 'completion' OR kind = 'completion advice' OR kind = 'offline sale' OR kind = 'offline chip sale' OR kind = 'load' OR kind = 'cash load' OR kind = 'transfer load' OR kind = 'claimed')) AND (booked >= 0 OR NOT (kind = 'refund' OR kind = 'offline chip refund' OR kind = 'void' OR kind = 'preauth void' OR kind = 'completion void' OR kind = 'cash load void'))), 
	CONSTRAINT moved_only_when_approved CHECK ((booked = 0 AND held = 0 AND purse = 0) OR (response_code = '00' OR response_code = '10' OR response_code = '11')), 
	CONSTRAINT moved_on_a_card CHECK ((booked = 0 AND held = 0 AND purse = 0) OR card_id IS NOT NULL), 
	CONSTRAINT credit_has_its_original CHECK (booked <= 0 OR original_id IS NOT NULL), 
	CONSTRAINT standing_only_when_approved CHECK (NOT standing OR (response_code = '00' OR response_code = '10' OR response_code = '11')), 
	FOREIGN KEY(terminal_id) REFERENCES terminals (id), 
	FOREIGN KEY(merchant_id) REFERENCES merchants (id), 
	FOREIGN KEY(card_id) REFERENCES cards (id), 
	FOREIGN KEY(purse_card_id) REFERENCES cards (id), 
	UNIQUE (rrn), 
	FOREIGN KEY(original_id) REFERENCES transactions (id), 
	FOREIGN KEY(settlement_id) REFERENCES settlements (id)
);
INSERT INTO "transactions" VALUES(1,'sale','request','12345678','898110053110001',1,2,'2026-11-23 14:05:09.000000','620000******0005',1,NULL,1,1000,1000,'156','022',-1000,0,0,1,'00',2,'632714000002','507910',NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "transactions" VALUES(2,'refund','request','12345678','898110053110001',1,3,'2026-11-23 14:05:09.000000','620000******0005',1,NULL,1,400,400,'156','022',400,0,0,1,'00',3,'632714000003',NULL,NULL,NULL,NULL,NULL,1,1);
INSERT INTO "transactions" VALUES(3,'sale','request','12345678','898110053110001',3,7,'2026-11-23 14:05:09.000000','476173******0010',2,NULL,0,700,700,'156','022',-700,0,0,0,'00',7,'632714000007','598115',NULL,NULL,NULL,NULL,NULL,2);
INSERT INTO "transactions" VALUES(4,'void','request','12345678','898110053110001',4,9,'2026-11-23 14:05:09.000000','476173******0010',2,NULL,0,700,700,'156','022',700,0,0,1,'00',9,'632714000009',NULL,NULL,NULL,NULL,NULL,3,2);
INSERT INTO "transactions" VALUES(5,'sale','request','12345678','898110053110001',4,10,'2026-11-23 14:05:09.000000','620000******0005',1,NULL,1,300,300,'156','022',-300,0,0,1,'00',10,'632714000010','452238',NULL,NULL,NULL,NULL,NULL,2);
INSERT INTO "transactions" VALUES(6,'sale','request','12345678','898110053110001',4,12,'2026-11-23 14:05:09.000000','620000******0005',1,NULL,1,200,200,'156','022',-200,0,0,1,'00',12,'632714000012','688320',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE UNIQUE INDEX reversed_at_most_once ON transactions (original_id) WHERE kind = 'reversal';
CREATE UNIQUE INDEX cancelled_at_most_once ON transactions (original_id) WHERE standing AND (kind = 'void' OR kind = 'preauth void' OR kind = 'completion void' OR kind = 'cash load void');
CREATE UNIQUE INDEX one_use_of_a_trace_number ON transactions (place, terminal_id, batch, stan);
CREATE INDEX by_card ON transactions (card_id, authorisation_code);
CREATE INDEX by_settlement ON transactions (terminal_id, settlement_id);
CREATE UNIQUE INDEX completed_at_most_once ON transactions (original_id) WHERE standing AND (kind = 'completion' OR kind = 'completion advice');
CREATE INDEX by_original ON transactions (original_id) WHERE original_id IS NOT NULL;
COMMIT;
