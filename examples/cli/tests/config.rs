//! Configuration files and the command line.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use clap::Parser;
use crawlspace::digest::Place;
use crawlspace::{Config, Limit, Seed};
use crawlspace_cli::args::{Cli, Command};
use crawlspace_cli::config::{Layer, Options, Plan, Transport};
use crawlspace_cli::format::Format;
use proptest::prelude::*;
use serde_json::Value;
use std::time::Duration;

fn own(text: &str) -> Result<Layer, String> {
    Layer::parse("own.toml", text).map_err(|error| error.to_string())
}

fn hydra(text: &str) -> Result<Layer, String> {
    Layer::parse("hydra.json", text).map_err(|error| error.to_string())
}

/// What the command line says, over a file if one is given.
fn command_line(words: &[&str]) -> Result<Layer, String> {
    let words = ["crawlspace", "check"].iter().chain(words);
    match Cli::try_parse_from(words).map_err(|error| error.to_string())?.command {
        Command::Check(args) => args.layers().map_err(|error| error.to_string()),
        _ => unreachable!("the words begin with check"),
    }
}

fn plan(words: &[&str]) -> Result<Plan, String> {
    Plan::new(command_line(words)?).map_err(|error| error.to_string())
}

/// What decides the crawl; a configuration shows no more than this.
fn debug(config: &Config) -> String {
    format!("{config:?}")
}

mod toml {
    use super::*;

    /// Every option of the command line, with a value of its kind.
    const ALL: &str = r#"
        targets = ["https://example.test/"]
        transport = "ureq"
        concurrency = 8
        per-host = 4
        delay = "250ms"
        timeout = 12.5
        retries = 0
        depth = 3
        max-pages = 100
        max-host-failures = 9
        max-time = "2m"
        ordered = true
        each = true
        base-url = "https://example.test/"
        include = "^https:"
        exclude = ['\.zip$', '\.pdf$']
        no-external = true
        header = ["X-One: 1", "X-Two: 2"]
        user-agent = "me/1.0"
        accept = [200, "3xx", 999]
        seed = 7
        format = "yaml"
        output = ["json=a.json"]
        all = true
        quiet = true
        robots = false
        soft-404 = true
        json-ld = true
        rule = ["403:warn", "5xx:ignore"]
        sitemap = ["auto", "/sitemap.xml"]
        orphans = true
        duplicate-ids = true
        text-fragments = true
        record = "a.warc.gz"
        record-size = 100
        record-secrets = true
        replay = ["b.warc.gz"]
        state = "c.state"
        resume-only = true
    "#;

    #[test]
    fn knows_all_options_of_the_command_line() {
        let options = own(ALL).unwrap().options;
        assert_eq!(options.transport, Some(Transport::Ureq));
        assert_eq!((options.concurrency, options.per_host, options.retries), (Some(8), Some(4), Some(0)));
        assert_eq!(options.delay.unwrap().0, Duration::from_millis(250));
        assert_eq!(options.timeout.unwrap().0, Duration::from_millis(12_500));
        assert_eq!(options.max_time.unwrap().0, Duration::from_mins(2));
        assert_eq!((options.depth, options.max_pages), (Some(3), Some(100)));
        assert_eq!(options.max_host_failures, Some(9));
        assert_eq!((options.ordered, options.each), (Some(true), Some(true)));
        assert_eq!((options.external, options.no_external), (Some(false), None));
        assert_eq!(
            (options.robots, options.soft_404, options.json_ld),
            (Some(false), Some(true), Some(true))
        );
        assert_eq!(
            (options.sitemap.len(), options.orphans, options.resume_only),
            (2, Some(true), Some(true))
        );
        assert_eq!(
            (options.record_size, options.record_secrets, options.replay.len()),
            (Some(100), Some(true), 1)
        );
        assert_eq!((options.duplicate_ids, options.text_fragments), (Some(true), Some(true)));
        assert!(options.record.is_some() && options.state.is_some());
        assert_eq!((options.include.len(), options.exclude.len(), options.header.len()), (1, 2, 2));
        assert!(options.accept.unwrap().0.contains(304));
        assert_eq!((options.format, options.seed), (Some(Format::Yaml), Some(7)));
        assert_eq!(
            options.rule.iter().map(|rule| rule.0.as_str()).collect::<Vec<_>>(),
            ["403:warn", "5xx:ignore"]
        );
        for name in Options::names() {
            let spelled = ALL.contains(&format!("{name} ="));
            assert!(spelled || ["no-robots", "external"].contains(&name.as_str()), "{name} is not tested");
        }
    }

    #[test]
    fn an_unknown_key_names_its_line_and_the_nearest() {
        for (given, meant) in [
            ("timout", "timeout"),
            ("max_pages", "max-pages"),
            ("Depth", "depth"),
            ("baseurl", "base-url"),
            ("excludes", "exclude"),
            ("user_agent", "user-agent"),
        ] {
            let error = own(&format!("# comment\n\n{given} = 1")).unwrap_err();
            assert_eq!(
                error,
                format!("own.toml:3: there is no option \"{given}\"\n  did you mean \"{meant}\"?")
            );
        }
        let error = own("zzz = 1").unwrap_err();
        assert!(error.contains("--help"), "{error}");
    }

    #[test]
    fn a_wrong_value_names_its_place_and_what_would_do() {
        for (text, parts) in [
            ("depth = \"three\"", vec![":1: depth: "]),
            ("depth = -1", vec![":1: ", "-1"]),
            ("timeout = \"soon\"", vec![":1: ", "\"soon\"", "500ms"]),
            ("quiet = \"false\"", vec![":1: ", "true or false"]),
            ("accept = 20", vec![":1: ", "100 to 999"]),
            ("include = \"(\"", vec![":1: ", "regular expression"]),
            ("exclude = \"a{65535}\"", vec![":1: ", "262144"]),
            ("transport = \"curl\"", vec!["hyper and ureq"]),
            ("format = \"xml\"", vec!["json"]),
            ("rule = \"403:warm\"", vec![":1: rule: ", "rule \"403:warm\"", "did you mean \"warn\"?"]),
            ("output = \"report.json\"", vec!["FORMAT=FILE"]),
            ("depth = 1\ndepth = 2", vec![":2: ", "duplicate"]),
            ("depth", vec![":1"]),
            ("[check]\ndepth = 1", vec!["\"check\""]),
            ("robots = true\nno-robots = true", vec!["both"]),
        ] {
            let error = own(text).unwrap_err();
            assert!(error.starts_with("own.toml"), "{error}");
            for part in parts {
                assert!(error.contains(part), "{text}: no {part} in {error}");
            }
        }
    }

    #[test]
    fn secrets_are_in_no_message() {
        let lines = [
            "X-Key hunter2",
            "X Key: hunter2",
            "X-Key: hunter2\u{7}",
            "Content-Length: hunter2",
            "X-Key: hunter2",
        ];
        for line in lines {
            let file = format!("targets = 'https://a.test/'\nheader = {}", Value::from(line));
            let from_file = own(&file).and_then(|layer| {
                assert!(!format!("{layer:?}").contains("hunter2"));
                Plan::new(layer).map_err(|error| error.to_string())
            });
            for outcome in [from_file, plan(&["--header", line, "https://a.test/"])] {
                assert_eq!(outcome.is_err(), line != "X-Key: hunter2", "{line}");
                assert!(!format!("{outcome:?}").contains("hunter2"), "{outcome:?}");
            }
        }
        for file in [
            "header = hunter2",
            "header = {a = 'hunter2'}",
            "header = 'hunter2",
            "header = 'hunter2'\nheader = ''",
        ] {
            let error = own(file).unwrap_err();
            assert!(!error.contains("hunter2") && error.starts_with("own.toml:"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = Layer::parse("a.toml", &text);
            let _ = Layer::parse("a.json", &text);
            let _ = Layer::parse("a", &text);
        }
    }
}

mod hydra_json {
    use super::*;

    #[test]
    fn means_what_hydra_means() {
        let layer = hydra(
            r#"{"OK": [200, 999, 403], "attrs": ["href"], "tags": ["a", "IMG"], "threads": 25, "timeout": 30,
                "exclude_scheme_prefixes": ["tel:", "https://example.test/a?b"], "graceful_exit": true}"#,
        )
        .unwrap();
        let accept = layer.options.accept.unwrap().0;
        for (code, accepted) in
            [(200, true), (204, true), (403, true), (999, true), (404, false), (300, false)]
        {
            assert_eq!(accept.contains(code), accepted, "{code}");
        }
        assert_eq!(layer.options.concurrency, Some(25));
        assert_eq!(layer.options.timeout.unwrap().0, Duration::from_secs(30));
        assert_eq!(layer.graceful_exit, Some(true));
        let places = layer.places.unwrap();
        assert!(places.contains(Place::A_HREF) && places.contains(Place::SVG_A_HREF));
        for place in [Place::IMG_SRC, Place::LINK_HREF, Place::AREA_HREF, Place::A_PING] {
            assert!(!places.contains(place), "{place:?}");
        }
        let [tel, page] = &layer.options.exclude[..] else { panic!("{:?}", layer.options.exclude) };
        assert!(tel.0.matches("tel:123") && !tel.0.matches("https://example.test/tel:"));
        assert!(page.0.matches("https://example.test/a?b=1") && !page.0.matches("https://example.test/b"));
        assert_eq!(layer.notes, Vec::<String>::new());
    }

    #[test]
    fn every_key_is_optional() {
        let layer = hydra("{}").unwrap();
        assert!(layer.places.is_none() && layer.options.accept.is_none() && layer.graceful_exit.is_none());
        // Tags alone are read with Hydra's attributes.
        let places = hydra(r#"{"tags": ["img"]}"#).unwrap().places.unwrap();
        assert!(places.contains(Place::IMG_SRC) && !places.contains(Place::IMG_SRCSET));
        // An empty list means what it says: any 2xx is right all the same.
        assert!(hydra(r#"{"OK": []}"#).unwrap().options.accept.unwrap().0.contains(201));
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        for (given, meant) in [
            ("ok", "OK"),
            ("attributes", "attrs"),
            ("thread", "threads"),
            ("gracefulExit", "graceful_exit"),
            ("exclude_scheme_prefix", "exclude_scheme_prefixes"),
            ("timeouts", "timeout"),
            ("Tags", "tags"),
        ] {
            let error = hydra(&format!("{{\"{given}\": 1}}")).unwrap_err();
            assert!(error.contains(&format!("{given:?}")), "{error}");
            assert!(error.ends_with(&format!("did you mean \"{meant}\"?")), "{error}");
        }
    }

    #[test]
    fn types_are_strict() {
        for (text, part) in [
            (r#"{"graceful_exit": "False"}"#, "\"graceful_exit\" is \"False\", but must be true or false"),
            (r#"{"graceful_exit": 0}"#, "true or false"),
            (r#"{"threads": "50"}"#, "a whole number from 1 to 65536"),
            (r#"{"threads": 0}"#, "a whole number"),
            (r#"{"threads": 1.5}"#, "a whole number"),
            (r#"{"timeout": -1}"#, "a number of seconds"),
            (r#"{"OK": 200}"#, "a list of status codes"),
            (r#"{"OK": ["200"]}"#, "holds \"200\""),
            (r#"{"OK": [70000]}"#, "from 100 to 999"),
            (r#"{"tags": "a"}"#, "a list of texts"),
            (r#"{"attrs": [1]}"#, "a list of texts"),
            (r"[]", "not a JSON object"),
            (r#"{"OK": [200}"#, "line 1 column 12"),
            ("depth = 3", "TOML"),
        ] {
            let error = hydra(text).unwrap_err();
            assert!(error.starts_with("hydra.json: ") && error.contains(part), "{text}: {error}");
        }
    }

    /// The example of Hydra's own README.
    #[test]
    fn hydra_s_own_example_is_taken() {
        let layer = hydra(
            r#"{"OK": [200, 999, 403], "attrs": ["href"], "exclude_scheme_prefixes": ["tel"], "tags": ["a", "img"],
                "threads": 25, "timeout": 30, "graceful_exit": "True"}"#,
        )
        .unwrap();
        assert_eq!(layer.graceful_exit, Some(true));
        assert!(layer.options.exclude[0].0.matches("tel:123"));
        assert_eq!(layer.notes, Vec::<String>::new());
    }

    #[test]
    fn a_prefix_that_excludes_nothing_or_everything_is_said() {
        for (prefix, what) in
            [("/search", "nothing"), ("www.a.test", "nothing"), ("-x:", "nothing"), ("", "everything")]
        {
            let layer = hydra(&format!("{{\"exclude_scheme_prefixes\": [{prefix:?}]}}")).unwrap();
            let [note] = &layer.notes[..] else { panic!("{prefix:?}: {:?}", layer.notes) };
            assert!(note.contains(&format!("{prefix:?} excludes {what}")), "{note}");
            assert_eq!(layer.options.exclude[0].0.matches("https://www.a.test/search"), what == "everything");
        }
        let usual = r#"{"exclude_scheme_prefixes": ["javascript:", "web+app", "https://a.test", "x.y:"]}"#;
        assert_eq!(hydra(usual).unwrap().notes, Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_followed_is_said() {
        let notes =
            hydra(r#"{"tags": ["imgs"], "attrs": ["data-src"], "exclude_scheme_prefixes": ["/search"]}"#)
                .unwrap()
                .notes;
        assert_eq!(notes.len(), 3, "{notes:?}");
        assert!(notes.iter().any(|note| note.contains("\"imgs\"") && note.contains("did you mean \"img\"?")));
        assert!(notes.iter().any(|note| note.contains("\"/search\" excludes nothing")));
    }
}

mod layers {
    use super::*;

    #[test]
    fn the_command_line_wins_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("crawlspace.conf");
        std::fs::write(
            &file,
            "depth = 1\nretries = 5\nexclude = 'a'\nrobots = false\ntargets = 'https://a.test/'",
        )
        .unwrap();
        let file = file.to_str().unwrap();

        let layer = command_line(&["--config", file]).unwrap();
        assert_eq!((layer.options.depth, layer.options.robots), (Some(1), Some(false)));
        assert_eq!(layer.options.targets, ["https://a.test/"]);

        let words = ["--config", file, "--depth", "9", "--exclude", "b", "--robots", "https://b.test/"];
        let options = command_line(&words).unwrap().options;
        assert_eq!((options.depth, options.retries, options.robots), (Some(9), Some(5), Some(true)));
        assert_eq!(options.exclude[0].0.as_str(), "b");
        assert_eq!(options.targets, ["https://b.test/"]);
    }

    #[test]
    fn rules_of_the_command_line_stand_after_those_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("crawlspace.toml");
        std::fs::write(&file, "rule = ['403:warn', 'dns:info']").unwrap();
        let words = [
            "--config",
            file.to_str().unwrap(),
            "--rule",
            "403:error",
            "--rule",
            "tls:warn",
            "https://a.test/",
        ];
        let rules = plan(&words).unwrap().rules;
        let rules: Vec<_> = rules.iter().map(|rule| rule.as_str()).collect();
        assert_eq!(rules, ["403:warn", "dns:info", "403:error", "tls:warn"]);
    }

    #[test]
    fn the_format_is_told_by_name_then_by_content() {
        let json = r#"{"threads": 3}"#;
        for (name, text) in [
            ("a.json", json),
            ("a.JSON", json),
            ("a", json),
            ("a.conf", " \n{\"threads\": 3}"),
            ("a.toml", "concurrency = 3"),
            ("a", "concurrency = 3"),
            ("a", "\u{feff}concurrency = 3"),
        ] {
            assert_eq!(Layer::parse(name, text).unwrap().options.concurrency, Some(3), "{name}");
        }
    }

    #[test]
    fn of_a_pair_of_switches_the_last_counts() {
        let external = |words: &[&str]| command_line(words).unwrap().options.external;
        assert_eq!(external(&["--external", "--no-external"]), Some(false));
        assert_eq!(external(&["--no-external", "--external"]), Some(true));
        assert_eq!(external(&[]), None);
    }
}

mod plans {
    use super::*;

    #[test]
    fn defaults() {
        let plan = plan(&["https://example.test/"]).unwrap();
        assert_eq!(plan.config.seeds().len(), 1);
        assert_eq!((plan.transport, plan.concurrency, plan.format), (Transport::Hyper, 128, Format::Text));
        assert!(plan.online && plan.site.is_none() && !plan.graceful_exit);
        let built = debug(&plan.config);
        assert!(built.contains("own_hosts: HostPolicy { concurrency: 50, gap: 0ns }"), "{built}");
        assert!(built.contains("other_hosts: HostPolicy { concurrency: 4, gap: 100ms }"), "{built}");
        assert_eq!(plan.config.max_time(), Limit::None);
    }

    #[test]
    fn each_switch_and_number_arrives() {
        let site = "https://example.test/";
        let built = |words: &[&str]| debug(&plan(&[words, &[site]].concat()).unwrap().config);
        let usual = built(&[]);
        for (words, field) in [
            (&["--ordered"][..], "order: Ordered"),
            (&["--depth", "3"], "depth: Max(3)"),
            (&["--max-pages", "7"], "pages: Max(7)"),
            (&["--max-time", "90"], "time: Max(90s)"),
            (&["--max-host-failures", "4"], "host_failures: Max(4)"),
            (&["--retries", "5"], "retry: Retry { max: 5,"),
            (&["--timeout", "11"], "fetch_timeout: 11s"),
            (&["--concurrency", "9"], "concurrency: 9"),
            (&["--user-agent", "me/1"], "\"me/1\""),
            (&["--accept", "200..=299,999"], "999"),
            (&["--soft-404"], "soft_404: true"),
            (&["--no-robots"], "RobotsPolicy { crawl: false, check: false }"),
            (&["--robots"], "RobotsPolicy { crawl: true, check: true }"),
        ] {
            assert!(!usual.contains(field), "{field} by default: {usual}");
            assert!(built(words).contains(field), "{words:?}: {}", built(words));
        }
        let all =
            plan(&["--quiet", "--all", "--seed", "42", "--transport", "ureq", "--format", "yaml", site])
                .unwrap();
        assert!(all.quiet && all.all);
        assert_eq!((all.seed, all.transport, all.format), (Seed(42), Transport::Ureq, Format::Yaml));
        let none = plan(&[site]).unwrap();
        assert!(!none.quiet && !none.all && none.follows);
        assert!(!plan(&["--depth", "0", site]).unwrap().follows);
    }

    #[test]
    fn more_requests_in_all_are_the_own_site_s() {
        let built = debug(&plan(&["--concurrency", "100", "https://example.test/"]).unwrap().config);
        assert!(built.contains("own_hosts: HostPolicy { concurrency: 100, gap: 0ns }"), "{built}");
        assert!(built.contains("other_hosts: HostPolicy { concurrency: 4, gap: 100ms }"), "{built}");
        let built =
            debug(&plan(&["--per-host", "3", "--delay", "1", "https://example.test/"]).unwrap().config);
        assert_eq!(built.matches("HostPolicy { concurrency: 3, gap: 1s }").count(), 2, "{built}");
    }

    #[test]
    fn headers_are_bound_to_the_targets_origins() {
        let words =
            ["--header", "Authorization: x", "https://a.test/b?c", "http://d.test:8080/", "https://a.test/e"];
        let plan = plan(&words).unwrap();
        let headers = format!("{:?}", plan.headers);
        assert_eq!(headers, r#"{1: (["http://d.test:8080", "https://a.test"], ["authorization"])}"#);
    }

    #[test]
    fn a_folder_is_offline_unless_asked() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), "").unwrap();
        let path = folder.path().to_str().unwrap();
        let offline = plan(&[path]).unwrap();
        assert!(!offline.online);
        assert!(debug(&offline.config).contains("external: Ignore"));
        let online = plan(&[path, "--external", "--base-url", "https://example.test/docs"]).unwrap();
        assert!(online.online);
        assert!(debug(&online.config).contains("external: Check"));
        assert_eq!(online.config.seeds()[0].as_str(), "https://example.test/docs/");
    }

    #[test]
    fn a_file_is_checked_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a b.html"), folder.path().join("sub"));
        std::fs::create_dir(&b).unwrap();
        std::fs::write(&a, "").unwrap();
        std::fs::write(b.join("c.html"), "").unwrap();
        let site = "https://example.test/";
        let c = b.join("c.html");
        let plan = plan(&[a.to_str().unwrap(), c.to_str().unwrap(), "--base-url", site]).unwrap();
        let seeds: Vec<_> = plan.config.seeds().iter().map(url::Url::as_str).collect();
        assert_eq!(seeds, ["https://example.test/a%20b.html", "https://example.test/sub/c.html"]);
        assert_eq!(plan.site.unwrap().root, folder.path().canonicalize().unwrap());
        let built = debug(&plan.config);
        assert!(built.contains("Check"), "{built}");
        assert!(built.contains("Crawl"), "{built}");
    }

    #[test]
    fn what_may_surprise_is_said() {
        let notes = |words: &[&str]| plan(words).unwrap().notes.join("\n");
        assert!(notes(&["https://a.test/x/", "--exclude", "/x/"]).contains("https://a.test/x/ is a target"));
        assert_eq!(notes(&["https://a.test/x/", "--exclude", "/y/"]), "");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), "").unwrap();
        let path = folder.path().to_str().unwrap();
        assert!(notes(&[path, "--header", "A: b"]).contains("--header: sent to no one"));
    }

    #[test]
    fn each_adds_what_is_given_twice_again() {
        let words = ["https://a.test/", "https://a.test/", "https://b.test/"];
        assert!(plan(&words).unwrap().again.is_empty());
        let each = plan(&[&words[..], &["--each"]].concat()).unwrap();
        assert_eq!((each.config.seeds().len(), each.again.len()), (2, 1));
    }

    #[test]
    fn what_cannot_be_checked_names_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        std::fs::create_dir(&one).unwrap();
        std::fs::create_dir(&two).unwrap();
        let text = folder.path().join("a.txt");
        std::fs::write(&text, "").unwrap();
        let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
        for (words, parts) in [
            (vec![], vec!["no target", "crawlspace check https://"]),
            (vec!["example.com"], vec!["https://example.com"]),
            (vec!["localhost:8080/a"], vec!["https://localhost:8080/a"]),
            (vec!["no-such-folder"], vec!["no-such-folder", "a folder or an HTML file"]),
            (vec!["ftp://example.com/"], vec!["ftp"]),
            (vec!["file:///tmp"], vec!["/tmp"]),
            (vec!["https://"], vec!["not a valid URL"]),
            (vec!["https://me:hunter2@example.com/"], vec!["https://example.com/", "--header"]),
            (vec![&*path(&text)], vec!["not an HTML or Markdown file"]),
            (vec![&*path(&one), &*path(&two)], vec!["two folders"]),
            (vec!["https://a.test/", "--base-url", "https://a.test/"], vec!["--base-url"]),
            (vec![&*path(&one), "--base-url", "a.test"], vec!["--base-url", "not a valid URL"]),
            (vec!["https://a.test/", "--concurrency", "0"], vec!["--concurrency is 0", "at least 1"]),
            (vec!["https://a.test/", "--timeout", "0"], vec!["--timeout"]),
            (vec!["https://a.test/", "--depth", "70000"], vec!["--depth"]),
            (vec!["https://a.test/", "--user-agent", "\n"], vec!["--user-agent"]),
            (
                vec!["https://a.test/", "--output", "json=/no/such/folder/a.json"],
                vec!["/no/such/folder/a.json"],
            ),
            (vec!["https://a.test/", "--output", "json=/tmp"], vec!["/tmp", "directory"]),
            (vec!["https://a.test/", "--config", "none.toml"], vec!["none.toml"]),
        ] {
            let error = plan(&words).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
            for part in parts {
                assert!(error.contains(part), "{words:?}: no {part:?} in {error}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_target_panics(target in any::<String>(), base in proptest::option::of(any::<String>())) {
            let layer = Layer {
                options: Options { targets: vec![target], base_url: base, ..Options::default() },
                ..Layer::default()
            };
            let _ = Plan::new(layer);
        }

        #[test]
        fn times_are_seconds(millis in 0_u64..100_000_000) {
            let span = Duration::from_millis(millis);
            for text in [format!("{}", millis as f64 / 1e3), format!("{millis}ms"), format!("{}m", millis as f64 / 6e4)] {
                let read = text.parse::<crawlspace_cli::config::Span>().unwrap().0;
                prop_assert!(read.abs_diff(span) < Duration::from_micros(1), "{text}");
            }
        }

        #[test]
        fn no_time_panics(text in any::<String>()) {
            let _ = text.parse::<crawlspace_cli::config::Span>();
        }
    }
}
