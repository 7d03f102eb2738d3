/* commands.c: the one table of commands, with what help and manual pages say about them. */
#include "command.h"

#include <string.h>

extern const struct option_spec parse_options[], lint_options[], match_options[], uri_options[],
    gen_options[], sdp_parse_options[], sdp_answer_options[], sdp_check_options[],
    trace_ls_options[], trace_show_options[], trace_ladder_options[], trace_lint_options[],
    fuzz_list_options[], fuzz_start_options[], fuzz_sync_options[], fuzz_merge_options[],
    fuzz_triage_options[], fuzz_report_options[], fuzz_torture_options[], explain_options[],
    version_options[];
#ifdef SIPVET_WITH_AUTH
extern const struct option_spec digest_calc_options[], digest_verify_options[],
    trace_digest_options[];
#endif
#ifdef SIPVET_WITH_FLOW
extern const struct option_spec flow_list_options[], flow_run_options[], demo_options[];
#endif

#ifdef SIPVET_WITH_NET
extern const struct option_spec registrar_options[], proxy_options[], ua_register_options[],
    ua_call_options[], ua_answer_options[], ua_options_options[], digest_audit_options[];
#endif

static const char *const choices_color[] = {"auto", "always", "never", NULL};
static const char *const choices_progress[] = {"auto", "json", "none", NULL};

const struct option_spec common_options[] = {
    {"color", 0, NULL, choices_color, "colours in text (default: auto, which honours NO_COLOR)",
     false},
    {"progress", 0, NULL, choices_progress,
     "how far long work is, on stderr (default: auto, on a terminal)", false},
    {"timeout", 0, "SECONDS", NULL,
     "give up on an input or a network silent for so long; 0: never (default: 3600)", false},
    {"help", 'h', NULL, NULL, "this text", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const struct option_spec help_options[] = {
    {"man", 0, NULL, NULL, "the manual page, as scdoc source", true},
    {NULL, 0, NULL, NULL, NULL, false},
};

#define ANY_NUMBER ((size_t)-1)

const struct command commands[] = {
    {"parse", "[FILE]...", "Shows a SIP message as a tree, as JSON or as byte spans", run_parse,
     parse_options, 0, ANY_NUMBER, OPERAND_FILE,
     "Every FILE is one message, as in a datagram; '-' or no FILE is standard input. With\n"
     "--stream it is what came over a TCP connection: any number of messages, cut by their\n"
     "Content-Length, and the last line or record says how the stream ended.\n"
     "\n"
     "text is a tree for people. json and ndjson write one record \"sipvet.message/1\" for each\n"
     "message: json over several lines, ndjson on one. spans has one line for each part with\n"
     "offset, octets, name and bytes, separated by tabs; bytes that are not printable ASCII\n"
     "are \\xHH there.\n"
     "\n"
     "In JSON, bytes that are not UTF-8 become U+FFFD, and a member NAME_b64 beside has the\n"
     "exact bytes. Offsets count bytes from the start of the message.\n"
     "\n"
     "The exit status is 0 if every message was accepted, 1 if one was rejected or a stream\n"
     "ended within a message or in an error. A file that cannot be read does not keep the\n"
     "others from being shown; the exit status is then 3. Inputs are at most 256 MiB.\n",
     "sipvet parse invite.sip\n"
     "# the dialog identifiers of many messages\n"
     "sipvet parse -f ndjson *.sip | jq -r '[.call_id, .from.tag, .to.tag] | @tsv'\n"
     "nc -l 5060 | sipvet parse --stream --stats -\n"},
    {"lint", "[FILE]...", "Shows what is wrong in a SIP message, where, and why", run_lint,
     lint_options, 0, ANY_NUMBER, OPERAND_FILE,
     "Every FILE is one message; '-' or no FILE is standard input. Each finding comes with its\n"
     "line, a caret under the bytes it is about, the section of the RFC, the status code an\n"
     "element should answer, and a fix: what to write instead, or what to do.\n"
     "\n"
     "Lines and columns count from 1, columns and offsets count bytes. A control byte is shown\n"
     "by its picture, any other byte that cannot be shown by U+FFFD, each in one column.\n"
     "\n"
     "Bodies of type multipart, message/sip, message/sipfrag and application/sdp are looked\n"
     "into, within each other too. What is found there does not change the verdict on the message; "
     "in JSON it has\n"
     "the member \"in\" with the value \"body\".\n"
     "\n"
     "-W changes the severity of a finding; CODE is SV0112, 112 or the name, and the last -W\n"
     "for a code counts. 'sipvet explain' lists all codes.\n"
     "\n"
     "json and ndjson write one record \"sipvet.lint/1\" for each FILE, sarif one SARIF 2.1.0 log\n"
     "for all of them. Where a fix is known they have it as bytes too; it was tried, and with it\n"
     "the message has fewer findings.\n"
     "\n"
     "The exit status is 1 if a finding of severity error remains, within a body too. Warnings\n"
     "and notes alone leave it 0; -W CODE=error makes one count.\n",
     "sipvet lint invite.sip\n"
     "sipvet lint --profile interop -W SV0112=warning trace/*.sip\n"
     "sipvet lint -f sarif *.sip > sipvet.sarif\n"},
    {"match", "RULE [TEXT]", "Says whether a text matches a rule of the grammar", run_match,
     match_options, 1, 2, OPERAND_RULE,
     "Without TEXT standard input is the text, every byte of it: use printf, not echo. A TEXT\n"
     "of '-' is that one character; a TEXT that begins with '-' needs '--' before it. RULE is\n"
     "any rule of RFC 3261 and the extensions that sipvet knows, letters without case; or one of\n"
     "SDP, where names of both grammars mean SIP unless --grammar says otherwise.\n"
     "\n"
     "The answer has the captured parts with offset and length, or the first byte that no\n"
     "sentence of the rule can have there, and what could stand there instead.\n"
     "\n"
     "A header's rule takes the whole field (\"Max-Forwards: 70\") or its value alone (\"70\").\n"
     "\n"
     "The exit status is 0 if the text matches, 1 if not, 2 if there is no such rule.\n",
     "sipvet match hostport example.com:5060\n"
     "sipvet match -f json Via 'SIP/2.0/UDP pc33.example.com;branch=z9hG4bK77'\n"
     "printf 'sip:a@b' | sipvet match addr-spec\n"},
    {"uri parse", "URI", "Shows the parts of a URI", run_uri_parse, uri_options, 1, 1, OPERAND_NONE,
     "The URI is taken as between angle brackets: sip, sips, tel, or any other scheme. Parts\n"
     "are shown as written, escapes are not resolved, an IPv6 host keeps its brackets.\n"
     "\n"
     "The exit status is 0 if the URI is accepted, 1 if not.\n",
     "sipvet uri parse 'sip:alice@example.com:5060;transport=tcp?subject=x'\n"
     "sipvet uri parse -f json 'tel:+1-212-555-0101'\n"},
    {"uri compare", "URI URI", "Says whether two URIs are equal, or where they differ",
     run_uri_compare, uri_options, 2, 2, OPERAND_NONE,
     "sip and sips URIs are compared by RFC 3261 section 19.1.4, tel URIs by RFC 3966 section 4,\n"
     "others byte by byte but for the letters of the scheme. What differs is named: scheme,\n"
     "user, password, host, port, a parameter, a header.\n"
     "\n"
     "The exit status is 0 if they are equal, 1 if not, 2 if one is no URI.\n",
     "sipvet uri compare 'sip:%61lice@example.com' 'sip:alice@EXAMPLE.com'\n"},
    {"gen", "RULE", "Writes random sentences of a rule, or near misses", run_gen, gen_options, 1, 1,
     OPERAND_RULE,
     "Sentences are chosen at random, the same ones for the same seed. RULE is any rule of the\n"
     "grammar; a header's rule gives whole fields. SIP-message gives whole messages that are\n"
     "accepted in the strict profile.\n"
     "\n"
     "text writes one sentence a line, exact bytes: sentences with control characters are drawn\n"
     "again; where a rule has no others they are escaped (\\r \\n \\t \\0 \\xHH \\\\) and\n"
     "standard error says so. Messages of SIP-message are written as they are, one behind the\n"
     "other, as on a TCP connection. raw writes exact bytes with a NUL between two sentences;\n"
     "sentences that hold a NUL are drawn again. json and ndjson write a record\n"
     "\"sipvet.sentence/1\" for each sentence.\n"
     "\n"
     "--near-miss writes texts that the rule rejects and that would be accepted if one named\n"
     "part were repaired. A line of text has three columns with tabs between them: the text,\n"
     "the first impossible byte, the rule or part that is broken. Records also have the\n"
     "repaired text. Of SIP-message one header is broken; the texts are escaped, and rejected by\n"
     "'sipvet parse'. Parts for which no near miss was found are listed on standard error.\n"
     "\n"
     "torture in place of a rule gives a suite of broken messages: an INVITE with one element of "
     "it\n"
     "replaced by all that might break a reader, in the 54 groups of the classic suite of 2002, "
     "and\n"
     "on to responses, REGISTER with digests, IPv6, folding, compact names, multipart bodies,\n"
     "dialogs and streams. Each case is announced with the verdict it must get, made from the\n"
     "rules of the RFCs and not by the parser: strict, interop, and of a session description in\n"
     "its body. torture/GROUP is one group, torture/GROUP/CASE one case. text has a line for each\n"
     "case with tabs: its name, strict verdict or how a stream ends, interop verdict, that on the\n"
     "body, octets, what it is; '-' where nothing is said. json and ndjson write records\n"
     "\"sipvet.torture-case/1\" with the message, raw the message of one case.\n"
     "\n"
     "--coverage tells behind the sentences which rules, alternatives and parameter names they\n"
     "have visited (+) and which they could have visited too (-): on standard error, in JSON as\n"
     "a record \"sipvet.coverage/1\". An alternative is named by its rule, the number of the\n"
     "choice in it, 1 or 2, and what it begins with; of a repetition 1 goes on, 2 ends.\n",
     "sipvet gen -n 5 --seed 7 SIP-URI\n"
     "sipvet gen -n 1000 -f ndjson --coverage Via | tail -n 1 | jq .missing\n"
     "sipvet gen --near-miss -n 20 Via\n"
     "sipvet gen -n 100 SIP-message | sipvet parse --stream --stats\n"
     "sipvet gen torture | cut -f 1 | cut -d / -f 1 | uniq -c\n"
     "sipvet gen -f raw torture/via-host/3 | sipvet lint -\n"},
    {"sdp parse", "[FILE]...", "Shows a session description as a tree or as JSON", run_sdp_parse,
     sdp_parse_options, 0, ANY_NUMBER, OPERAND_FILE,
     "Every FILE is one session description (SDP, RFC 8866); '-' or no FILE is standard input.\n"
     "\n"
     "text is a tree for people: every line, and the parts of those whose grammar is known. json\n"
     "and ndjson write one record \"sipvet.sdp/1\" for each description: json over several\n"
     "lines, ndjson on one. An attribute with a grammar of its own has its parts in \"parsed\".\n"
     "\n"
     "The exit status is 0 if every description was accepted, 1 if one was rejected, 3 if a\n"
     "file cannot be read.\n",
     "sipvet sdp parse offer.sdp\n"
     "sipvet sdp parse -f json offer.sdp | jq '.media[].formats'\n"},
    {"sdp lint", "[FILE]...", "Shows what is wrong in a session description, where, and why",
     run_sdp_lint, lint_options, 0, ANY_NUMBER, OPERAND_FILE,
     "Every FILE is one session description; '-' or no FILE is standard input. Findings, formats\n"
     "and options are those of 'sipvet lint'. What must agree across lines, as a group and its\n"
     "media or a payload type and its rtpmap, is at most a warning.\n"
     "\n"
     "The exit status is 1 if a finding of severity error remains.\n",
     "sipvet sdp lint offer.sdp\n"},
    {"sdp answer", "[FILE]", "Writes an answer to an offer", run_sdp_answer, sdp_answer_options, 0,
     1, OPERAND_FILE,
     "FILE is an offer; '-' or no FILE is standard input. The answer is made by RFC 3264 section\n"
     "6: formats in common, directions, also for a held stream, port 0 for a stream that is\n"
     "rejected. BUNDLE groups, rtcp-mux, mid and the role of setup are answered as well.\n"
     "\n"
     "A stream over DTLS needs a fingerprint; without the option it is one of zeros, good for\n"
     "reading and tests alone. A stream over SAVP without DTLS is rejected unless --crypto says\n"
     "what to write.\n"
     "\n"
     "The exit status is 0 if there is an answer, 1 if the offer was rejected; then its findings\n"
     "are shown.\n",
     "sipvet sdp answer offer.sdp\n"
     "sipvet sdp answer --codecs PCMA,telephone-event --order local --address 192.0.2.7 offer.sdp\n"
     "sipvet sdp answer offer.sdp > answer.sdp; sipvet sdp check --offer offer.sdp --answer "
     "answer.sdp\n"},
    {"sdp check", "", "Says whether an answer fits its offer, or a description the one before it",
     run_sdp_check, sdp_check_options, 0, 0, OPERAND_NONE,
     "With --offer and --answer the pair is judged by RFC 3264 section 6, with --previous and\n"
     "--next as two descriptions of one party by section 8. Each finding names the clause; what\n"
     "other RFCs ask, as of BUNDLE or setup, is a warning.\n"
     "\n"
     "Descriptions that only the interop profile accepts are judged too; 'sipvet sdp lint' says\n"
     "what is wrong with each. json and ndjson write one record \"sipvet.sdp-check/1\".\n"
     "\n"
     "The exit status is 0 if the pair is allowed, 1 if a clause is violated or a description\n"
     "cannot be read.\n",
     "sipvet sdp check --offer offer.sdp --answer answer.sdp\n"
     "sipvet sdp check --previous first.sdp --next second.sdp\n"},
#ifdef SIPVET_WITH_AUTH
    {"digest calc", "", "Computes a digest response", run_digest_calc, digest_calc_options, 0, 0,
     OPERAND_NONE,
     "Prints the response of RFC 7616 (RFC 2617, 3261, 8760), or with --rspauth the server's: hex\n"
     "digits and a line end, nothing else. Without --qop it is that of RFC 2069. Options take\n"
     "octets as they enter the hash: without quotes, without backslashes.\n"
     "\n"
     "Without a password option the password is asked for on the terminal. An htdigest file has\n"
     "lines of username:realm:HA1, HA1 of 32 digits for MD5, of 64 for the others.\n"
     "\n"
     "json and ndjson write a record \"sipvet.digest/1\", with the value of an Authorization "
     "header\n"
     "in its member \"credentials\". With --userhash that has H(username:realm) for the name.\n"
     "\n"
     "The exit status is 0, 2 for a wrong command line, 3 for a file that cannot be used.\n",
     "sipvet digest calc --username alice --realm example.com --method REGISTER \\\n"
     "    --uri sip:example.com --nonce 84a4cc6f --qop auth --nc 00000001 --cnonce 0a4f113b \\\n"
     "    --password-file secret\n"},
    {"digest verify", "", "Checks a digest response", run_digest_verify, digest_verify_options, 0,
     0, OPERAND_NONE,
     "Checks --response against what is computed of the other options; or with --msg all\n"
     "credentials of a SIP request, Authorization and Proxy-Authorization. --realm chooses among\n"
     "them, and --challenge takes those for its realm if there are any.\n"
     "\n"
     "Credentials are refused too when a parameter is repeated, missing or has not its form,\n"
     "and with --challenge when they do not answer it: other realm, nonce, algorithm, opaque, no\n"
     "qop where it was offered. That uri is not the Request-URI is told, but no failure: a proxy\n"
     "may have changed it (RFC 3261 22.4).\n"
     "An ACK is also taken with the response of its INVITE, which it repeats.\n"
     "\n"
     "If the name in the message is hashed, --username tells the clear one, unless --ha1 or\n"
     "--htdigest is used.\n"
     "\n"
     "The exit status is 0 if all are verified, 1 if not, 2 for a wrong command line, 3 for a\n"
     "file that cannot be used: no SIP request, no credentials.\n",
     "sipvet digest verify --msg register.sip --challenge 401.sip --password-env PW\n"
     "sipvet digest verify --msg register.sip --htdigest users\n"},
    {"digest explain", "", "Shows how a response comes about, and what its sender did wrong",
     run_digest_explain, digest_verify_options, 0, 0, OPERAND_NONE,
     "Shows every input with its octets and where it stands, A1, A2, the final string and their\n"
     "hashes; passwords and HA1 only with --show-secrets. Inputs come as with 'digest verify'.\n"
     "\n"
     "If the response does not verify, known mistakes are tried, and the one that gives it is\n"
     "named: the list of qop options hashed, auth for auth-int, LF for CRLF in the body, nc with\n"
     "other digits, the realm with its quotes, another method or URI, and the like. --challenge\n"
     "gives more to try with.\n"
     "\n"
     "The exit status is as that of 'digest verify'.\n",
     "sipvet digest explain --msg invite.sip --challenge 407.sip --password-env PW\n"},
#ifdef SIPVET_WITH_NET
    {"digest audit", "", "Asks a server what misuse of Digest it lets pass", run_digest_audit,
     digest_audit_options, 0, 0, OPERAND_NONE,
     "Sends requests to --target, which must be a server that you may test: with credentials that\n"
     "are right, and with some that are wrong in one way each: a replayed or a lower nc, a nonce\n"
     "of somebody else, no qop, auth for auth-int, MD5 for SHA-256. Each gets one line: the "
     "check,\n"
     "what became of it, the status, what was asked. 'refused' is as it should be; 'ACCEPTED' is "
     "a\n"
     "finding; 'skipped' does not arise with what the server offers.\n"
     "\n"
     "The requests are REGISTER without Contact, which asks for bindings and changes none, or\n"
     "another method by --method that begins no dialog. Only this host is asked, unless\n"
     "--i-may-test-this-host is given, which also wants --listen with an own address.\n"
     "A server may take some thirty requests with wrong credentials for an attack.\n"
     "\n"
     "json and ndjson write one record \"sipvet.digest-audit/1\".\n"
     "\n"
     "The exit status is 0 if all was refused as it should be, 1 if something was not or the "
     "right\n"
     "credentials were refused too, 2 for a wrong command line, 3 for a file that cannot be used,\n"
     "4 if there was no answer.\n",
     "sipvet digest audit --target udp:127.0.0.1:5060 --username alice --password-env PW\n"
     "sipvet digest audit --target tcp:127.0.0.1:5060 --uri sip:example.com --username alice \\\n"
     "    --htdigest users -f json\n"},
#endif
#endif
    {"trace ls", "[FILE]...", "Lists the dialogs of a capture", run_trace_ls, trace_ls_options, 0,
     ANY_NUMBER, OPERAND_FILE,
     "Every FILE is a capture, pcap or pcapng, or records \"sipvet.trace/1\" as 'trace show -f\n"
     "ndjson' writes them; '-' or no FILE is standard input. Several FILEs are read one behind\n"
     "the other as one capture.\n"
     "\n"
     "What is SIP is decided by the start line, not by the port. Packets may be Ethernet with "
     "VLAN\n"
     "tags, Linux cooked (v1, v2), BSD loopback or raw IP, all of one file alike; IPv4 and IPv6\n"
     "with fragments; UDP, and TCP put in order. TLS and WebSocket are not looked into.\n"
     "\n"
     "A line has the first time, how long it lasts, the number of messages, the method of the\n"
     "first request, its last final status (or the provisional one and dots), From and To, the\n"
     "addresses between which it began, the Call-ID. json and ndjson write a record\n"
     "\"sipvet.trace-dialog/1\" for each. At most 100000 dialogs are listed.\n"
     "\n"
     "What is broken or missing in a capture is told on standard error, once for each kind, with\n"
     "the number of the frame. The exit status is 1 if a file could not be read to its end or a\n"
     "limit was exceeded, 3 if it cannot be read at all.\n",
     "sipvet trace ls call.pcap\n"
     "tcpdump -i any -w - port 5060 | sipvet trace ls -f ndjson\n"},
    {"trace show", "[FILE]...", "Shows the SIP messages of a capture", run_trace_show,
     trace_show_options, 0, ANY_NUMBER, OPERAND_FILE,
     "FILEs are as with 'trace ls'. The frame of a message is the packet that completed it.\n"
     "\n"
     "json and ndjson write a record \"sipvet.trace/1\" for each message: frame, time, source,\n"
     "destination, transport, damage (why it is not whole, or null), octets, message; with\n"
     "message_b64 where it is not UTF-8. ndjson can be read back by all commands of 'trace'.\n"
     "\n"
     "The exit status is as that of 'trace ls'.\n",
     "sipvet trace show --call-id a84b@pc33 call.pcap\n"
     "sipvet trace show -f ndjson call.pcap > call.ndjson\n"},
    {"trace ladder", "[FILE]...", "Draws the messages of a capture between their addresses",
     run_trace_ladder, trace_ladder_options, 0, ANY_NUMBER, OPERAND_FILE,
     "FILEs are as with 'trace ls'. Columns are addresses with ports, in the order in which they\n"
     "come up. html is a page that needs nothing else: a click on an arrow shows the message\n"
     "with what is wrong marked in it; it has no script. svg is the drawing alone, mermaid a\n"
     "sequence diagram of Mermaid, json a record \"sipvet.ladder/1\".\n"
     "\n"
     "A ladder has at most 10000 messages of 64 MiB in all, and 64 columns; --call-id chooses.\n"
     "\n"
     "The exit status is as that of 'trace ls', whatever is wrong in the messages.\n",
     "sipvet trace ladder --call-id a84b@pc33 call.pcap\n"
     "sipvet trace ladder -f html call.pcap > ladder.html\n"},
    {"trace lint", "[FILE]...", "Shows what is wrong in the messages of a capture", run_trace_lint,
     trace_lint_options, 0, ANY_NUMBER, OPERAND_FILE,
     "FILEs are as with 'trace ls', findings as with 'lint'; their place is "
     "FILE#FRAME:LINE:COLUMN.\n"
     "Messages that came over TCP are judged as those of a stream: Content-Length is required.\n"
     "json and ndjson write a record \"sipvet.trace-lint/1\" for each message.\n"
     "\n"
     "The exit status is 1 if there is a finding of severity error, else as that of 'trace ls'.\n",
     "sipvet trace lint --profile interop call.pcap\n"
     "sipvet trace lint -f ndjson call.pcap | jq 'select(.verdict == \"reject\") | .frame'\n"},
#ifdef SIPVET_WITH_AUTH
    {"trace digest", "[FILE]...", "Checks the credentials in a capture", run_trace_digest,
     trace_digest_options, 0, ANY_NUMBER, OPERAND_FILE,
     "FILEs are as with 'trace ls'. All Authorization and Proxy-Authorization of requests are\n"
     "checked as 'digest verify' does it, against the challenge of the capture that has their\n"
     "nonce; where there is none, they are checked by themselves. Of an htdigest file each user\n"
     "takes the own line; a password or HA1 is tried for all.\n"
     "\n"
     "json and ndjson write a record \"sipvet.trace-digest/1\" for each. The newest 1024 "
     "challenges\n"
     "are kept.\n"
     "\n"
     "The exit status is 0 if all are verified, 1 if one is not or there are none.\n",
     "sipvet trace digest --htdigest users call.pcap\n"
     "sipvet trace digest --realm example.com --password-env PW call.pcap\n"},
#endif
#ifdef SIPVET_WITH_NET
    {"ua register", "REGISTRAR", "Registers an address at a registrar", run_ua_register,
     ua_register_options, 1, 1, OPERAND_NONE,
     "REGISTRAR is a URI, sip:example.com; --as says which address is registered. A challenge is\n"
     "answered if there is a password. The first line on standard output names the own\n"
     "addresses, then there is a line for all that happens; json and ndjson write records\n"
     "\"sipvet.listening/1\" and \"sipvet.ua/1\".\n"
     "\n"
     "What is sent goes to where the URI says, or to --next. By default the user agent listens\n"
     "at 127.0.0.1 on UDP and TCP, and for a target that wants TLS on that too; then\n"
     "--certificate or --self-signed is needed.\n"
     "\n"
     "The exit status is 0 if it was registered, 1 if that was refused, 4 if there was no answer\n"
     "or no way to the registrar.\n",
     "sipvet ua register --as sip:alice@example.com --next sip:127.0.0.1:5060 \\\n"
     "    --password-env PW sip:example.com\n"},
    {"ua call", "URI", "Calls somebody", run_ua_call, ua_call_options, 1, 1, OPERAND_NONE,
     "Makes a call, ends it after --hang-up-after, and says what happens on the way. The session\n"
     "description is --sdp or one stream of audio; nothing is heard or said.\n"
     "\n"
     "With --register it registers before and takes that back in the end. Addresses, challenges\n"
     "and output: as with 'sipvet ua register'.\n"
     "\n"
     "The exit status is 0 if the call was established, 1 if it was refused, 4 if there was no\n"
     "answer or no way to get there.\n",
     "sipvet ua call --trace call.pcap sip:bob@127.0.0.1:5070\n"
     "sipvet ua call --as sip:alice@example.com --password-env PW --qop auth-int \\\n"
     "    --next 'sip:127.0.0.1:5060;transport=tcp' sip:bob@example.com\n"},
    {"ua answer", "", "Waits for calls and answers them", run_ua_answer, ua_answer_options, 0, 0,
     OPERAND_NONE,
     "Answers with --status after it has rung for --ring, and ends after --calls. An offer is\n"
     "answered with --sdp, or with what is in common with one stream of audio.\n"
     "\n"
     "With --register it registers before and takes that back in the end. Addresses, challenges\n"
     "and output: as with 'sipvet ua register'.\n"
     "\n"
     "The exit status is 0 after all calls, and after SIGINT or SIGTERM; 4 if nothing has come\n"
     "in for --timeout.\n",
     "sipvet ua answer --listen udp:127.0.0.1:5070 --ring 2\n"
     "sipvet ua answer --calls 0 --status 486 --register sip:example.com \\\n"
     "    --as sip:bob@example.com --next sip:127.0.0.1:5060\n"},
    {"ua options", "URI", "Asks what somebody is able to do", run_ua_options, ua_options_options, 1,
     1, OPERAND_NONE,
     "Sends OPTIONS and shows the final response. Addresses, challenges and output: as with\n"
     "'sipvet ua register'.\n"
     "\n"
     "The exit status is 0 for a 2xx, 1 for another response, 4 for none.\n",
     "sipvet ua options sip:127.0.0.1:5060\n"
     "sipvet ua options -f json sip:127.0.0.1 | jq -r .message\n"},
    {"registrar", "", "Registers users and sends their calls to them", run_registrar,
     registrar_options, 0, 0, OPERAND_NONE,
     "A registrar for one domain, over UDP, TCP and TLS: it takes REGISTER requests, with --users\n"
     "from users who know their password, and sends other requests for its users to where they\n"
     "are registered. Nothing is kept when it ends.\n"
     "\n"
     "The first line on standard output names the addresses: \"listening udp:127.0.0.1:5060\n"
     "tcp:127.0.0.1:5060\", or with -f json a record \"sipvet.listening/1\". Who listens on UDP\n"
     "does so on TCP at the same port. The default is udp:127.0.0.1:5060; the domain is by\n"
     "default the host of the first address. Only loopback addresses are bound and sent to,\n"
     "unless --anywhere is given.\n"
     "\n"
     "A line of FILE is NAME:REALM:HA1, as htdigest writes them (of MD5 or SHA-256), or\n"
     "NAME:PASSWORD. A user may register the own address only.\n"
     "\n"
     "It runs until SIGINT or SIGTERM, and the exit status is 0 then. It is 4 if an address\n"
     "cannot be opened, or if nothing has come in for --timeout.\n",
     "sipvet registrar --domain example.com --users users.txt --qop auth,auth-int\n"
     "sipvet registrar --listen udp:127.0.0.1:0,tls:127.0.0.1:0 --self-signed --trace r.pcap\n"},
    {"proxy", "", "Forwards SIP requests", run_proxy, proxy_options, 0, 0, OPERAND_NONE,
     "A proxy as RFC 3261 section 16 has it, over UDP, TCP and TLS: stateful, or with\n"
     "--stateless without state. It is the registrar of its domain too, as 'sipvet registrar'.\n"
     "Other requests go to where their Route or Request-URI says, with --next to that URI.\n"
     "\n"
     "With --users it asks for credentials (407) of requests from users of its domain, or to\n"
     "elsewhere, as far as they are not within a dialog.\n"
     "\n"
     "Addresses, FILE, exit status: as with 'sipvet registrar'.\n",
     "sipvet proxy --record-route --trace proxy.ndjson\n"
     "sipvet proxy --listen udp:127.0.0.1:5070 --next 'sip:127.0.0.1:5060;lr'\n"},
#endif
#ifdef SIPVET_WITH_FLOW
    {"flow list", "", "Lists the call flows that sipvet knows", run_flow_list, flow_list_options, 0,
     0, OPERAND_NONE,
     "They are the two flows of the SIP flow document and those of RFC 3665, sections 2 and 3.\n",
     "sipvet flow list\n"},
    {"flow show", "FLOW", "Shows a call flow: elements, steps, messages, expectations",
     run_flow_show, flow_list_options, 1, 1, OPERAND_FLOW,
     "json and ndjson write a record \"sipvet.flow-definition/1\".\n",
     "sipvet flow show session\n"},
    {"flow run", "[FLOW]...", "Plays call flows and checks what is expected of them", run_flow_run,
     flow_run_options, 0, ANY_NUMBER, OPERAND_FLOW,
     "Without FLOW all are played. User agents, proxies, registrars are those of sipvet, in a\n"
     "simulator with a clock of its own: the same seed gives the same messages. Shown are the\n"
     "ladder and a line for each expectation; json and ndjson write a record \"sipvet.flow/1\".\n"
     "\n"
     "With --loss, --duplication or --delay messages are lost, come twice, overtake each other.\n"
     "Then it is expected only that every flow comes to an end, if need be by timers, and that\n"
     "no timer and no table entry is left. --seeds plays so many seeds, from --seed on, and says\n"
     "how many did as they should.\n"
     "\n"
     "--live plays over UDP sockets on loopback, each element at a port that the kernel chooses.\n"
     "Without loss all expectations are the same as in the simulator, but for what is left: at\n"
     "the end timers still run.\n"
     "\n"
     "--via plays the users alone, through a server at that address, and each expectation that is\n"
     "not met is a difference; those about what goes from proxy to proxy are left out. Without\n"
     "FLOW it plays registration and session. The server needs the domain of the users, or that\n"
     "of --domain; in docs/flows.md are their names and passwords.\n"
     "\n"
     "--style rfc2543 has clients that say what the flow document prints.\n"
     "\n"
     "The exit status is 1 if something expected was not seen, 4 if there are no sockets or\n"
     "nothing came from the server of --via.\n",
     "sipvet flow run session\n"
     "sipvet flow run --out ladders rfc3665-3.2\n"
     "sipvet flow run --seeds 10000 --loss 40 --delay 300\n"
     "sipvet flow run --via 127.0.0.1:5060 --domain example.com session\n"},
    {"demo", "", "Shows the documented call flows over real sockets", run_demo, demo_options, 0, 0,
     OPERAND_NONE,
     "Client 1, a proxy, an application server and client 2 are started on loopback, at ports\n"
     "that the kernel chooses. Client 2 registers and is asked for credentials, then client 1\n"
     "calls it over both servers. Shown are the ladder and a line for each expectation.\n"
     "\n"
     "ladder.html, ladder.svg, trace.pcap and trace.ndjson are written to --out. A click on an\n"
     "arrow of ladder.html shows the message, with what is wrong marked in it.\n"
     "\n"
     "It takes about a second. The exit status is 1 if something expected was not seen, 4 if\n"
     "there are no sockets.\n",
     "sipvet demo --out demo\n"
     "tshark -r demo/trace.pcap\n"},
#endif
    {"fuzz list", "", "Lists the fuzz targets and what can run them here", run_fuzz_list,
     fuzz_list_options, 0, 0, OPERAND_NONE,
     "For each target of the list: the longest input, whether it was built for libFuzzer and for\n"
     "AFL++, and the oracles that it asserts. json and ndjson write records\n"
     "\"sipvet.fuzz-target/1\", which also say what is missing.\n",
     "sipvet fuzz list\n"},
    {"fuzz start", "", "Fuzzes targets, or goes on with it", run_fuzz_start, fuzz_start_options, 0,
     0, OPERAND_NONE,
     "Runs the engines over one target after the other, each for --time, with --jobs processes\n"
     "at one time, and waits. What they find stays in the folder of the campaign: started again,\n"
     "they go on with it. A finding does not end a run. With 'both' the jobs are divided, two at\n"
     "least; an engine that is missing is left out with the reason.\n"
     "\n"
     "With --cpu it goes on until each target has had so much CPU time, of all engines, jobs and\n"
     "runs together: the one that has had least is next, for a turn of --time of CPU time for\n"
     "each job, and one that has had its time is left out. So it does not matter how busy the\n"
     "machine is, nor how often the campaign is stopped.\n"
     "\n"
     "Interrupted, it stops the engines in order. --dry-run prints the commands instead, as a\n"
     "shell takes them.\n"
     "\n"
     "The exit status is 0, or 3 if nothing could run a target. Crashes do not change it: 'sipvet\n"
     "fuzz triage' looks at them.\n",
     "sipvet fuzz start --target fuzz_uri --time 5m\n"
     "sipvet fuzz start --engine both --jobs 2 --time 1h --dir campaign\n"
     "nice -n 19 sipvet fuzz start --engine both --jobs 2 --time 60s --cpu 1h\n"},
    {"fuzz status", "", "Shows how far a campaign is", run_fuzz_status, fuzz_list_options, 0, 0,
     OPERAND_NONE,
     "A line for each target that has run: executions over all runs, executions a second of CPU\n"
     "time, edges of libFuzzer and of AFL++ (which count in ways of their own), inputs, crashes,\n"
     "seconds of CPU time of all engines and runs.\n"
     "It may be asked while a campaign runs.\n",
     "sipvet fuzz status --dir campaign\n"},
    {"fuzz sync", "", "Exchanges what AFL++ found on two hosts", run_fuzz_sync, fuzz_sync_options,
     0, 0, OPERAND_NONE,
     "Copies the queues of the main instances of each campaign into the other one, where its main\n"
     "instance reads them. Every host needs a name of its own (fuzz start --host). Nothing is\n"
     "overwritten. How the folder of another host gets here, as a mount or by rsync, is yours.\n",
     "sipvet fuzz sync --dir campaign --with /mnt/other/campaign\n"},
    {"fuzz merge", "[DIR]...", "Makes one small corpus of many", run_fuzz_merge, fuzz_merge_options,
     0, 32, OPERAND_FILE,
     "For each target libFuzzer chooses among the inputs of the campaign, of AFL++'s queues, of\n"
     "the folder --into, and of DIR/TARGET those that reach everything reached, with\n"
     "-set_cover_merge=1 where it knows that. They take the place of what --into had; their names\n"
     "are hashes of their content. With --edges there are fewer: what differs only in how often\n"
     "something is reached is left out.\n",
     "sipvet fuzz merge --dir campaign --into campaign/small --edges\n"},
    {"fuzz triage", "", "Makes findings of crashes", run_fuzz_triage, fuzz_triage_options, 0, 0,
     OPERAND_NONE,
     "Runs every crash of the campaign once and groups them: by the oracle and what it says, else\n"
     "by the three innermost functions of the project. The smallest of a group is run five times,\n"
     "made smaller as long as it stays in its group, and written to DIR/findings, and where it\n"
     "fails at all to --regressions.\n"
     "\n"
     "json and ndjson write records \"sipvet.fuzz-finding/1\". The exit status is 1 if there is a\n"
     "finding.\n",
     "sipvet fuzz triage --dir campaign --regressions corpus/regressions\n"},
    {"fuzz report", "", "Writes a page about a campaign", run_fuzz_report, fuzz_report_options, 0,
     0, OPERAND_NONE,
     "One HTML file on standard output, which needs nothing else: CPU hours, executions, edges\n"
     "over time, findings, how often each oracle was asked over what is kept, and with --coverage "
     "which\n"
     "lines of which file were reached (llvm-cov).\n",
     "sipvet fuzz report --dir campaign > campaign.html\n"},
    {"fuzz torture", "[PATH]...", "Plays messages at a live server until it stops answering",
     run_fuzz_torture, fuzz_torture_options, 0, ANY_NUMBER, OPERAND_FILE,
     "Every file below PATH is a case, in the order of their names. Behind them come messages\n"
     "that are generated, valid ones and near misses in turn, the same ones for the same seed.\n"
     "Over udp each case is one datagram, over tcp one connection. Between cases the server is\n"
     "asked OPTIONS. Any final answer will do, and what it answers to the cases is its own\n"
     "business; but a server that says nothing for --timeout seconds (here 5 by default) or\n"
     "refuses has stopped, and the case before is named.\n"
     "\n"
     "To see a case again: --first N --only, with the same PATHs, -n and --seed. --resume FILE\n"
     "lets a run that was stopped go on, behind the case that was a finding if there was one.\n"
     "--dry-run lists the cases: number, octets, name, with tabs between them.\n"
     "\n"
     "Hosts that are not loopback are only played at with --i-may-test-this-host. Ask first.\n"
     "\n"
     "json and ndjson write a record \"sipvet.torture/1\".\n"
     "\n"
     "The exit status is 0 if the server still answers, 1 if it stopped, 3 if a file cannot be\n"
     "read, 4 if it did not answer in the first place.\n",
     "sipvet fuzz torture --target udp:127.0.0.1:5060 corpus/torture\n"
     "sipvet fuzz torture --target tcp:[::1]:5060 -n 100000 --resume state --save it.sip\n"},
    {"explain", "[CODE]", "Explains a diagnostic, or lists all", run_explain, explain_options, 0, 1,
     OPERAND_CODE,
     "CODE is SV0112, 112 or the name of the diagnostic. Without CODE all are listed.\n"
     "\n"
     "--example writes a whole message that causes the diagnostic. markdown is a page with what\n"
     "lint says of it, without CODE the list of pages; the build makes them all.\n",
     "sipvet explain SV0112\n"
     "sipvet explain --example SV0112 | sipvet lint\n"},
    {"completion", "SHELL", "Writes a completion script for bash, zsh or fish", run_completion,
     NULL, 1, 1, OPERAND_SHELL,
     "The script completes commands, options, their values, rules and codes.\n",
     "source <(sipvet completion bash)\n"
     "sipvet completion zsh > ~/.zfunc/_sipvet\n"
     "sipvet completion fish > ~/.config/fish/completions/sipvet.fish\n"},
    {"version", "", "Shows the version", run_version, version_options, 0, 0, OPERAND_NONE,
     "The version is that of the library the program was built with.\n", ""},
    {"help", "[COMMAND]", "Shows how a command is used", run_help, help_options, 0, 2,
     OPERAND_COMMAND, "Without COMMAND all commands are listed.\n", "sipvet help lint\n"},
};

const size_t command_count = sizeof commands / sizeof *commands;

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

bool command_is_group(const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i < command_count; i++)
        if (strncmp(commands[i].name, word, n) == 0 && commands[i].name[n] == ' ')
            return true;
    return false;
}
