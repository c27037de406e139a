BEGIN TRANSACTION;
CREATE TABLE accounts (
	id INTEGER NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	balance INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT balance_not_negative CHECK (balance >= 0)
);
INSERT INTO "accounts" VALUES(1,'156',99000);
INSERT INTO "accounts" VALUES(2,'156',46000);
CREATE TABLE cards (
	id INTEGER NOT NULL, 
	pan VARCHAR(19) NOT NULL, 
	psn VARCHAR(2) NOT NULL, 
	scheme VARCHAR(16) NOT NULL, 
	expiry VARCHAR(4) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	account_id INTEGER NOT NULL, 
	pin_under_lmk BLOB NOT NULL, 
	pin_try_limit INTEGER NOT NULL, 
	pin_tries_left INTEGER NOT NULL, 
	imk_under_lmk BLOB NOT NULL, 
	last_atc INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT one_card_per_pan_and_sequence UNIQUE (pan, psn), 
	CONSTRAINT pin_tries_in_range CHECK (pin_tries_left >= 0 AND pin_tries_left <= pin_try_limit), 
	CONSTRAINT atc_is_two_bytes CHECK (last_atc >= 0 AND last_atc <= 65535), 
	CONSTRAINT card_status_known CHECK (status IN ('active', 'blocked', 'lost', 'stolen')), 
	FOREIGN KEY(account_id) REFERENCES accounts (id)
);
INSERT INTO "cards" VALUES(1,'6200000000000005','01','unionpay','3012','active',1,X'47CDCACA288B830D5EE64749E93795C1',3,3,X'A660AD9D47FA1E7DF07366EAAF931202195A440AC2CAF9BD',3);
INSERT INTO "cards" VALUES(2,'4761739001010010','00','visa','3112','active',2,X'BF9D16B43A5324895EC78D64F72713C8',3,3,X'9974432C880CB8F83E149757B23B22195E05266FD390CADD',1);
CREATE TABLE counters (
	name VARCHAR(32) NOT NULL, 
	last INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "counters" VALUES('references',7);
CREATE TABLE merchants (
	id VARCHAR(15) NOT NULL, 
	name VARCHAR(40) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "merchants" VALUES('898110053110001','TILLBENCH TEST SHOP');
CREATE TABLE terminals (
	id VARCHAR(8) NOT NULL, 
	merchant_id VARCHAR(15) NOT NULL, 
	tmk_under_lmk BLOB NOT NULL, 
	pik_under_lmk BLOB, 
	mak_under_lmk BLOB, 
	batch INTEGER NOT NULL, 
	signed_on_at DATETIME, 
	PRIMARY KEY (id), 
	CONSTRAINT batch_is_six_digits CHECK (batch >= 0 AND batch <= 999999), 
	FOREIGN KEY(merchant_id) REFERENCES merchants (id)
);
INSERT INTO "terminals" VALUES('12345678','898110053110001',X'6EBE5792723276A64576A48C43BEA57712A4BABB4E401512',X'3F136E62FE687258F02C6966A0735DA6162FC6A2DD48DE10',X'781D5180C5EFB9754B15609738B391DCD8CBE663F848E08E',1,'2026-11-23 14:05:09.000000');
CREATE TABLE transactions (
	id INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	terminal_id VARCHAR(8) NOT NULL, 
	merchant_id VARCHAR(15) NOT NULL, 
	batch INTEGER NOT NULL, 
	stan INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	masked_pan VARCHAR(19) NOT NULL, 
	card_id INTEGER, 
	amount INTEGER NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	entry_mode VARCHAR(3) NOT NULL, 
	booked INTEGER NOT NULL, 
	response_code VARCHAR(2) NOT NULL, 
	rrn VARCHAR(12) NOT NULL, 
	authorisation_code VARCHAR(6), 
	reason VARCHAR(2), 
	original_id INTEGER, 
	PRIMARY KEY (id), 
	CONSTRAINT kind_known CHECK (kind IN ('sale', 'reversal')), 
	CONSTRAINT amount_positive CHECK (amount > 0), 
	CONSTRAINT booked_all_or_nothing CHECK (booked IN (0, amount, -amount)), 
	CONSTRAINT a_sale_debits_a_reversal_credits CHECK (booked = 0 OR (kind = 'sale') = (booked < 0)), 
	CONSTRAINT booked_only_when_approved CHECK (booked = 0 OR response_code = '00'), 
	CONSTRAINT booked_on_a_card CHECK (booked = 0 OR card_id IS NOT NULL), 
	CONSTRAINT credit_has_its_original CHECK (booked = 0 OR kind = 'sale' OR original_id IS NOT NULL), 
	CONSTRAINT one_transaction_per_trace_number UNIQUE (kind, terminal_id, batch, stan), 
	FOREIGN KEY(terminal_id) REFERENCES terminals (id), 
	FOREIGN KEY(merchant_id) REFERENCES merchants (id), 
	FOREIGN KEY(card_id) REFERENCES cards (id), 
	UNIQUE (rrn), 
	FOREIGN KEY(original_id) REFERENCES transactions (id)
);
INSERT INTO "transactions" VALUES(1,'sale','12345678','898110053110001',1,2,'2026-11-23 14:05:09.000000','620000******0005',1,1000,'156','052',-1000,'00','632714000002','507910',NULL,NULL);
INSERT INTO "transactions" VALUES(2,'sale','12345678','898110053110001',1,3,'2026-11-23 14:05:09.000000','620000******0005',1,2000,'156','052',-2000,'00','632714000003','125951',NULL,NULL);
INSERT INTO "transactions" VALUES(3,'reversal','12345678','898110053110001',1,3,'2026-11-23 14:05:09.000000','620000******0005',1,2000,'156','052',2000,'00','632714000004',NULL,'98',2);
INSERT INTO "transactions" VALUES(4,'sale','12345678','898110053110001',1,4,'2026-11-23 14:05:09.000000','620000******0005',1,500000,'156','052',0,'51','632714000005',NULL,NULL,NULL);
INSERT INTO "transactions" VALUES(5,'reversal','12345678','898110053110001',1,5,'2026-11-23 14:05:09.000000','620000******0005',NULL,3000,'156','052',0,'25','632714000006',NULL,'98',NULL);
INSERT INTO "transactions" VALUES(6,'sale','12345678','898110053110001',1,6,'2026-11-23 14:05:09.000000','476173******0010',2,4000,'156','052',-4000,'00','632714000007','598115',NULL,NULL);
CREATE UNIQUE INDEX reversed_at_most_once ON transactions (original_id) WHERE kind = 'reversal';
COMMIT;
