//! The report formats, on results put together by hand.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{HandMade, finding, page, referrer, referrers, url};
use crawlspace::LimitKind;
use crawlspace::report::{Class, Finding, Hop, Severity};
use crawlspace_cli::format::{Format, Look, Results};
use proptest::prelude::*;
use serde_json::Value;

fn render(format: Format, results: &dyn Results, look: Look<'_>) -> String {
    let mut out = Vec::new();
    format.write(results, look, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn text(results: &dyn Results) -> String {
    render(Format::Text, results, Look::default())
}

fn yaml(results: &dyn Results) -> String {
    render(Format::Yaml, results, Look::default())
}

fn json(results: &dyn Results, all: bool) -> Value {
    let out = render(Format::Json, results, Look { all, ..Look::default() });
    serde_json::from_str(&out).unwrap()
}

fn not_found() -> Finding<'static> {
    finding(url("/missing"), Class::Broken, Some(404), "404 Not Found")
}

mod text_report {
    use super::*;

    #[test]
    fn says_what_is_broken_and_where() {
        let results = HandMade::of([Finding {
            referrers: vec![referrer("/", 12, 5, "Read more"), referrer("/about", 3, 9, "")],
            ..not_found()
        }]);
        assert_eq!(
            text(&results),
            "error    https://example.test/missing\n\
             \x20        broken: 404 Not Found\n\
             \x20        https://example.test/:12:5  <a href> \"Read more\"\n\
             \x20        https://example.test/about:3:9  <a href>\n\
             \n\
             1 error: 10 URLs checked, 4 pages read, 62 links found, 1.5 s\n"
        );
    }

    #[test]
    fn collapses_what_stands_on_every_page() {
        let results = HandMade::of([Finding { referrers: referrers(40), ..not_found() }]);
        let report = text(&results);
        assert!(report.contains("+37 more pages"), "{report}");
        assert_eq!(report.matches("<a href>").count(), 3);

        let everything = render(Format::Text, &results, Look { all: true, ..Look::default() });
        assert!(!everything.contains("more pages"));
        assert_eq!(everything.matches("<a href>").count(), 40);
    }

    #[test]
    fn a_fourth_page_takes_the_place_of_its_own_count() {
        let results = HandMade::of([Finding { referrers: referrers(4), ..not_found() }]);
        assert_eq!(text(&results).matches("<a href>").count(), 4);
    }

    #[test]
    fn collapses_repetitions_on_one_page() {
        let places = (1..=9).map(|line| referrer("/", line, 1, "")).collect();
        let report = text(&HandMade::of([Finding { referrers: places, ..not_found() }]));
        assert_eq!(report.matches("<a href>").count(), 3);
        assert!(report.contains("+6 more on this page"), "{report}");
    }

    #[test]
    fn shows_redirects_on_the_way_and_the_fragment() {
        let results = HandMade::of([Finding {
            fragment: Some("gone"),
            redirects: vec![Hop { url: url("/old"), status: 301 }],
            final_url: url("/new"),
            ..finding(url("/old"), Class::DeadFragment, Some(200), "no such fragment")
        }]);
        let report = text(&results);
        assert!(report.contains("https://example.test/old#gone\n"), "{report}");
        assert!(report.contains("301 from https://example.test/old\n"), "{report}");
        assert!(report.contains("to https://example.test/new\n"), "{report}");
    }

    #[test]
    fn infos_are_counted_and_shown_on_request() {
        let results = HandMade::of([
            finding(url("/elsewhere"), Class::Redirected, Some(200), "moved"),
            finding(url("/private"), Class::Skipped, None, "skipped: disallowed by robots.txt, line 3"),
        ]);
        let report = text(&results);
        assert!(!report.contains("/private"), "{report}");
        assert!(report.contains("nothing broken: "), "{report}");
        assert!(report.contains("not shown: 1 redirected, 1 skipped (--all shows them)"), "{report}");
        let everything = render(Format::Text, &results, Look { all: true, ..Look::default() });
        assert!(everything.contains("/private"));
    }

    #[test]
    fn names_the_limits_that_bit() {
        let mut results = HandMade::of([]);
        results.summary.partial = vec![LimitKind::MaxPages, LimitKind::MaxTime];
        assert!(text(&results).contains("partial: not everything was checked (max-pages, max-time)"));
    }

    #[test]
    fn colours_only_when_asked() {
        let results = HandMade::of([not_found()]);
        assert!(!text(&results).contains('\x1b'));
        assert!(
            render(Format::Text, &results, Look { colour: true, ..Look::default() })
                .contains("\x1b[1m\x1b[31merror")
        );
    }

    #[test]
    fn hostile_text_is_inert() {
        // T87 to T89: terminal commands, bidirectional controls, forged lines; T94: workflow commands.
        let hostile = "\x1b]52;c;aGk=\x07\u{9b}2J\u{202e}gpj\u{200b}\r\n::error file=a::x\u{2028}";
        let results = HandMade::of([Finding {
            referrers: vec![referrer("/", 1, 1, hostile)],
            fragment: Some(hostile),
            message: hostile.to_owned(),
            ..finding(page(hostile), Class::InvalidUrl, None, "")
        }]);
        let report = text(&results);
        assert!(!report.chars().any(|c| c.is_control() && c != '\n'), "{report:?}");
        assert!(!report.contains(['\u{202e}', '\u{200b}', '\u{2028}']), "{report:?}");
        assert!(!report.lines().any(|line| line.starts_with("::")), "{report}");
        assert!(report.contains(r"\x1b]52;c;aGk=\x07\x9b2J\u{202e}gpj\u{200b}\x0d\x0a::error"), "{report}");
    }
}

mod json_report {
    use super::*;

    fn schema() -> jsonschema::Validator {
        let schema = serde_json::from_str(include_str!("../schema/report.schema.json")).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    }

    fn check(report: &Value) {
        let schema = schema();
        let errors: Vec<_> =
            schema.iter_errors(report).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:?} in {report:#}");
    }

    #[test]
    fn keeps_to_its_schema() {
        let everything = HandMade::of(Class::ALL.map(|class| Finding {
            referrers: vec![referrer("/", 1, 1, "text")],
            redirects: vec![Hop { url: url("/a"), status: 302 }],
            fragment: (class == Class::DeadFragment).then_some("x"),
            ..finding(url("/a"), class, Some(200), "message")
        }));
        let mut partial = HandMade::of([]);
        partial.summary.partial = vec![
            LimitKind::MaxPages,
            LimitKind::MaxBytes,
            LimitKind::MaxTime,
            LimitKind::MaxFrontier,
            LimitKind::MaxUrlsPerHost,
            LimitKind::Stopped,
            LimitKind::MaxHostFailures,
        ];
        for results in [HandMade::of([]), HandMade::of([not_found()]), everything, partial] {
            check(&json(&results, false));
            check(&json(&results, true));
        }
    }

    #[test]
    fn the_schema_refuses_what_is_not_a_report() {
        let good = json(&HandMade::of([not_found()]), true);
        let schema = schema();
        for pointer in [
            "/summary/checked",
            "/summary/partial",
            "/findings/0/url",
            "/findings/0/fragment",
            "/statistics/hosts",
        ] {
            let mut bad = good.clone();
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            bad.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
            assert!(!schema.is_valid(&bad), "without {pointer}");
        }
        let mut bad = good;
        bad["findings"][0]["class"] = "dead".into();
        assert!(!schema.is_valid(&bad));
    }

    #[test]
    fn has_all_that_is_promised() {
        let results =
            HandMade::of([Finding { referrers: vec![referrer("/", 12, 5, "Read more")], ..not_found() }]);
        let report = json(&results, false);
        assert_eq!(
            report["findings"][0],
            serde_json::json!({
                "url": "https://example.test/missing",
                "fragment": null,
                "class": "broken",
                "severity": "error",
                "status": 404,
                "final_url": "https://example.test/missing",
                "redirects": [],
                "message": "404 Not Found",
                "referrers": [{
                    "page": "https://example.test/",
                    "line": 12,
                    "column": 5,
                    "element": "a",
                    "attribute": "href",
                    "text": "Read more",
                }],
            })
        );
        assert!(report.get("links").is_none());
        assert_eq!(json(&results, true)["links"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn lines_are_the_findings_or_all_links() {
        let results = HandMade::of([not_found()]);
        let lines = render(Format::Jsonl, &results, Look::default());
        assert_eq!(lines.lines().count(), 1);
        let row: Value = serde_json::from_str(&lines).unwrap();
        assert_eq!(row, json(&results, false)["findings"][0]);
        let all = render(Format::Jsonl, &results, Look { all: true, ..Look::default() });
        let classes: Vec<_> =
            all.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["class"].clone()).collect();
        assert_eq!(classes, ["ok", "broken"]);
    }
}

mod yaml_report {
    use super::*;
    use std::collections::BTreeMap;

    /// Both documents, read by a YAML parser.
    fn parse(report: &str) -> (BTreeMap<String, Value>, Vec<BTreeMap<String, Value>>) {
        let mut documents: Vec<Value> =
            serde_saphyr::from_multiple(report).unwrap_or_else(|error| panic!("{error}\n{report}"));
        if documents.len() == 1 {
            documents.push(Value::Null);
        }
        let [head, list] = <[Value; 2]>::try_from(documents).unwrap();
        let list = if list.is_null() { Vec::new() } else { serde_json::from_value(list).unwrap() };
        (serde_json::from_value(head).unwrap(), list)
    }

    #[test]
    fn is_hydra_s_byte_for_byte() {
        let results = HandMade::of([
            Finding { referrers: vec![referrer("/", 1, 1, "")], ..not_found() },
            Finding {
                referrers: referrers(3),
                ..finding(url("/error"), Class::ServerError, Some(503), "503 Service Unavailable")
            },
            finding(page("https://nowhere.invalid/"), Class::Dns, None, "the host name does not exist"),
        ]);
        assert_eq!(
            yaml(&results),
            "---\n\
             title: Broken Link Report\n\
             checked: 10\n\
             number of email links: 0\n\
             emails: \n\
             broken: 3\n\
             ---\n\
             \n\
             - code:    503\n\
             \x20 url:     https://example.test/error\n\
             \x20 parent:  https://example.test/page0\n\
             \x20 error:   Service Unavailable\n\
             \n\
             - code:    404\n\
             \x20 url:     https://example.test/missing\n\
             \x20 parent:  https://example.test/\n\
             \x20 error:   Not Found\n\
             \n\
             - code:    0\n\
             \x20 url:     https://nowhere.invalid/\n\
             \x20 parent:  \"\"\n\
             \x20 error:   the host name does not exist\n\
             \n"
        );
    }

    #[test]
    fn a_clean_report_has_no_sequence() {
        let report = yaml(&HandMade::of([]));
        assert!(report.ends_with("broken: 0\n---\n\n"), "{report}");
        let (head, list) = parse(&report);
        assert_eq!(head["broken"], 0);
        assert!(list.is_empty());
    }

    #[test]
    fn lists_errors_only_one_entry_a_finding() {
        let results = HandMade::of([
            Finding { referrers: referrers(9), ..not_found() },
            Finding {
                severity: Severity::Warning,
                ..finding(url("/slow"), Class::Timeout, None, "timed out")
            },
            finding(url("/old"), Class::Redirected, Some(200), "moved"),
        ]);
        let (head, list) = parse(&yaml(&results));
        assert_eq!(head["broken"], 1);
        assert_eq!(list.len(), 1);
        assert_eq!(list[0]["parent"], "https://example.test/page0");
    }

    #[test]
    fn emails_are_one_text() {
        let mut results = HandMade::of([]);
        results.emails = ["", "a@example.test", "b@example.test?subject=Hi: there"].map(str::to_owned).into();
        results.summary.emails = 5;
        let (head, _) = parse(&yaml(&results));
        assert_eq!(head["emails"], "a@example.test, b@example.test?subject=Hi: there");
        assert_eq!(head["number of email links"], 5);
    }

    #[test]
    fn fragments_belong_to_the_url() {
        let results = HandMade::of([Finding {
            fragment: Some("top of page"),
            ..finding(url("/a"), Class::DeadFragment, Some(200), "no such fragment")
        }]);
        let (_, list) = parse(&yaml(&results));
        assert_eq!(list[0]["url"], "https://example.test/a#top of page");
        assert_eq!(list[0]["code"], 200);
    }

    #[test]
    fn words_that_mean_something_else_are_quoted() {
        for word in [
            "null",
            "Yes",
            "off",
            "~",
            "1e3",
            "0x1f",
            "12:30:45",
            "2026-01-01",
            "2026-01-01 12:30:45 Z",
            "1_000",
            "404",
            ".5",
            "-1",
            "<<",
            "=",
            "-",
            "...",
            "",
            " a",
            "a ",
            "a: b",
            "a #b",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "[a",
            "{a",
            "'a",
            "\"a",
            "|",
            ">",
            "?",
            ":",
        ] {
            let results = HandMade::of([finding(page(word), Class::InvalidUrl, None, word)]);
            let (_, list) = parse(&yaml(&results));
            assert_eq!(list[0]["url"], word);
            assert_eq!(list[0]["error"], word);
        }
    }

    proptest! {
        /// T98 and the traps of Hydra's report: any text in any place comes back as it was.
        #[test]
        fn any_text_comes_back(target in any::<String>(), parent in any::<String>(), message in any::<String>(), email in ".+") {
            let (target, parent) = (&*target.leak(), &*parent.leak());
            let mut results = HandMade::of([Finding {
                referrers: vec![crawlspace::report::Referrer { page: page(parent), ..referrer("/", 1, 1, "") }],
                ..finding(page(target), Class::InvalidUrl, None, &message)
            }]);
            results.emails = vec![email.clone()];
            let (head, list) = parse(&yaml(&results));
            prop_assert_eq!(&head["emails"], &Value::from(email));
            prop_assert_eq!(&list[0]["url"], &Value::from(target));
            prop_assert_eq!(&list[0]["parent"], &Value::from(parent));
            prop_assert_eq!(&list[0]["error"], &Value::from(message));
        }

        /// Nothing that a page holds reaches the terminal as a control, in any format for people.
        #[test]
        fn no_text_brings_controls(hostile in any::<String>()) {
            let hostile = &*hostile.leak();
            let results = HandMade::of([Finding {
                fragment: Some(hostile),
                referrers: vec![crawlspace::report::Referrer { page: page(hostile), ..referrer("/", 1, 1, hostile) }],
                ..finding(page(hostile), Class::InvalidUrl, None, hostile)
            }]);
            for report in [text(&results), yaml(&results)] {
                prop_assert!(!report.chars().any(|c| c.is_control() && c != '\n'));
            }
            prop_assert_eq!(text(&results).lines().count(), 5);
        }
    }
}
