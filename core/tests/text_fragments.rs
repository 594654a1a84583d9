//! Text fragments (WICG "URL Fragment Text Directives"), judged on request.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod served;
mod support;

use crawlspace::config::Builder;
use crawlspace::digest::{Digest, Prose};
use crawlspace::{Config, Engine, Snapshot, Spec, UnixTime};
use proptest::prelude::*;
use served::{Course, Documents, crawl, documents};
use std::collections::BTreeSet;
use support::{cut, digest_with, spec};

fn config() -> Builder {
    Config::builder().seed("http://a.test/".parse().unwrap()).text_fragments(true)
}

fn asking() -> Spec {
    let mut spec = spec();
    spec.extras.proses = true;
    spec
}

fn digest(chunks: &[&[u8]]) -> Digest {
    digest_with(asking(), "http://a.test/page", Some("text/html; charset=utf-8"), chunks)
}

fn prose(html: &str) -> Prose {
    digest(&[html.as_bytes()]).extra.prose.unwrap()
}

/// A page that links to another with these fragments, and that other.
fn linking(html: &str, fragments: &[&str]) -> Documents {
    let links = fragments.iter().map(|fragment| format!("<a href=\"/page#{fragment}\">x</a>"));
    documents(&[("http://a.test/", &links.collect::<String>()), ("http://a.test/page", html)])
}

/// Which of these fragments are dead on a page.
fn dead(html: &str, fragments: &[&str]) -> BTreeSet<String> {
    let documents = linking(html, fragments);
    let results = Course::ALL.map(|course| {
        let engine = crawl(&config().build().unwrap(), &documents, course);
        served::dead(&engine)
            .iter()
            .map(|url| url.split_once('#').unwrap().1.to_owned())
            .collect::<BTreeSet<_>>()
    });
    assert!(results.iter().all(|result| *result == results[0]), "in another order");
    results[0].clone()
}

/// Each line is a fragment; those that begin with `!` are dead.
fn judge(html: &str, cases: &str) {
    let cases: Vec<&str> = cases.lines().map(str::trim).filter(|case| !case.is_empty()).collect();
    let fragments: Vec<&str> = cases.iter().map(|case| case.trim_start_matches('!')).collect();
    let wanted: BTreeSet<String> =
        cases.iter().filter_map(|case| case.strip_prefix('!')).map(str::to_owned).collect();
    assert_eq!(dead(html, &fragments), wanted);
}

/// The steps of "find a range from a text directive" (section 3.5.2), the kinds of web-platform-tests.
#[test]
fn the_algorithm_of_the_specification() {
    let html = "<title>Unseen</title><p>A swift grey hare leapt across the sleepy tortoise.\n  x x y y y z</p>\
        <p>tick tick tick tock tock tock</p>\
        <p>same tail2 <br> lead same tail3 stop tail4 stop tail5</p>\
        <p>Alpha <br> <i> </i> <div> &nbsp; </div> <!-- nothing --> <img src=i> \n Beta\n Gamma\
        <div>&nbsp;</div> Delta</p>\
        <p>He grabbed it by hand and a rope.</p><p>q<i>q</i>q</p>\
        <p>she's gone</p><p>4.7</p><p><span>51</span><span>.</span><span>6</span></p><p>OO</p><p>the fox</p>\
        <p>A tale that 'tis told at the very end</p>";
    judge(
        html,
        ":~:text=leapt
        !:~:text=wif-,t
        !:~:text=eapt-,across
        :~:text=le-,apt
        !:~:text=nothing-,A%20swift
        :~:text=tick%20tick-,tock
        :~:text=x%20x-,y
        !:~:text=swift%20grey-,grey%20hare
        :~:text=swift%20grey-,hare
        :~:text=Alpha-,Beta
        !:~:text=the%20very%20end-,tale
        !:~:text=hare-,lea,across
        !:~:text=hare-,lea
        :~:text=hare-,lea,-pt
        !:~:text=leapt-,nothing
        !:~:text=leapt-,nothing,sleepy
        !:~:text=grey-,leapt
        :~:text=tick-,tock
        !:~:text=lea,across
        !:~:text=lea
        :~:text=lea,-pt
        !:~:text=eapt
        !:~:text=nothing,sleepy
        :~:text=y%20y,-z
        :~:text=tick%20tick,-tock
        :~:text=grey,hare
        !:~:text=grey,swift
        !:~:text=swift,gre
        :~:text=swift,gre,-y
        !:~:text=swift,re,-y
        !:~:text=gre,y
        !:~:text=swift,leapt,-hare
        :~:text=A-,swift,grey
        !:~:text=A-,swift,hare,-grey
        :~:text=Alpha-,Beta,Gamma,-Delta
        !:~:text=swift,-gre
        :~:text=swi,-ft
        !:~:text=swift,-hare
        :~:text=same,-tail2
        :~:text=lead-,same,-tail3
        :~:text=lead-,same,stop,-tail5
        !:~:text=lead-,same,stop,-tail2
        :~:text=grabbed,and%20a
        !:~:text=q
        :~:text=qqq
        :~:text=she%27s
        !:~:text=she
        :~:text=%27tis
        !:~:text=7
        !:~:text=4%2E
        !:~:text=6
        !:~:text=o-,the%20fox
        !:~:text=Unseen",
    );
}

#[test]
fn letters_are_compared_by_their_base() {
    let html = "<p>Über die Straße: \u{201c}D\u{e9}j\u{e0}&nbsp;vu\u{201d}, it\u{2019}s soft\u{ad}ened.\n\t Two   spaces</p>\
        <p>東京都に行く</p><p>ΟΔΟΣ</p>";
    judge(
        html,
        ":~:text=uber%20DIE
        :~:text=%C3%9Cber
        :~:text=%22deja%20vu%22
        :~:text=D%C3%A9j%C3%A0%20vu
        :~:text=it%27s%20softened
        :~:text=two%20spaces
        :~:text=%20two%20%20spaces%20
        :~:text=%E4%BA%AC%E9%83%BD
        :~:text=%CE%BF%CE%B4%CE%BF%CF%82
        !:~:text=unter",
    );
}

#[test]
fn a_start_or_an_end_is_of_one_block_and_a_range_of_any() {
    let html = "<div>one<p>two</p>three <b>four</b><ul><li>five<li>six</ul><table><tr><td>seven<td>eight</table>\
        <section>nine</section><section>ten</section>eleven<br>twelve</div>";
    judge(
        html,
        "!:~:text=one%20two
        !:~:text=onetwo
        :~:text=one,two
        :~:text=three%20four
        !:~:text=five%20six
        :~:text=five,ten
        :~:text=one-,two,-three
        :~:text=seven%20eight
        :~:text=nine
        !:~:text=nineten
        :~:text=eleven%20twelve",
    );
}

#[test]
fn what_is_not_rendered_is_not_found() {
    let html = "<p>shown<!-- comment --><script>script</script><style>style</style><template><p>template</p></template>\
        <textarea>area</textarea><iframe>frame</iframe><svg><title>drawing</title></svg></p>";
    judge(
        html,
        ":~:text=shown
        :~:text=drawing
        !:~:text=comment
        !:~:text=script
        !:~:text=style
        !:~:text=template
        !:~:text=area
        !:~:text=frame",
    );
}

#[test]
fn xhtml_has_text_too() {
    let html = "application/xhtml+xml\n<html xmlns='http://www.w3.org/1999/xhtml'><title>title</title><p>one <![CDATA[<b> &amp;]]></p>\
        <script/><p>two</p><script>script</script><style>style</style><template><p>template</p></template><x:p xmlns:x='urn:x'>three</x:p></html>";
    judge(
        html,
        ":~:text=one%20%3Cb%3E%20%26amp;
        :~:text=two
        :~:text=three
        !:~:text=script
        !:~:text=style
        !:~:text=template
        !:~:text=title",
    );
}

#[test]
fn what_is_no_text_directive_asks_for_nothing() {
    judge(
        "<p id=here>word</p>",
        "here:~:text=word
        !here:~:text=gone
        !gone:~:text=word
        :~:text=gone&text=word
        !:~:text=gone&text=lost
        :~:
        :~:text=
        :~:text=-,gone
        :~:text=gone-,
        :~:text=a,b,c
        :~:text=a-,b,c,d,-e
        :~:text=gone-
        :~:text=,gone
        :~:selector=gone
        :~:TEXT=gone
        /route:~:text=gone2
        !:~:text=gone&unknown",
    );
}

/// What is not known to be all is not judged.
#[test]
fn a_text_that_is_not_whole_is_not_judged() {
    let long = format!("<p>begin{}</p><p>last</p>", "<p>so many words".repeat(60_000));
    assert!(!prose(&long).is_whole());
    for html in [
        &*long,
        &format!("<p>{}", "word ".repeat(100_000)),
        "<p><ruby>text<rt>gloss</ruby>",
        "<frameset><frame src=/f></frameset>",
        "<p>a<xmp>b</xmp>",
        "<plaintext>words",
    ] {
        assert_eq!(dead(html, &[":~:text=gone"]), BTreeSet::new(), "{}", &html[..20]);
    }
    assert_eq!(dead(&format!("<p>{}", "word ".repeat(1_000)), &[":~:text=gone"]).len(), 1);
}

#[test]
fn it_is_asked_for_or_nothing_is_kept_nor_judged() {
    let page = b"<p>text";
    let silent = digest_with(spec(), "http://a.test/", Some("text/html"), &[page]);
    assert_eq!(silent.extra, Default::default());
    let config = config().text_fragments(false).build().unwrap();
    let engine = crawl(&config, &linking("<p>text", &[":~:text=gone"]), Course::OldestFirst);
    assert_eq!(engine.report().findings().count(), 0);
    let css = digest_with(asking(), "http://a.test/", Some("text/css"), &[b"a { color: red }"]);
    assert_eq!(css.extra.prose, None);
}

#[test]
fn the_message_names_the_fragment() {
    let documents = linking("<p id=x>word", &["x:~:text=gone"]);
    let engine = crawl(&config().build().unwrap(), &documents, Course::OldestFirst);
    let messages: Vec<_> = engine.report().findings().map(|finding| finding.message).collect();
    assert_eq!(messages, ["the page has no text that \"#x:~:text=gone\" points to"]);
}

/// A page elsewhere is read for it, too, and redirects hand the fragment on.
#[test]
fn pages_elsewhere_are_judged() {
    let documents = documents(&[
        (
            "http://a.test/",
            "<a href='http://b.test/#:~:text=gone'>x</a><a href='http://b.test/#:~:text=word'>y</a>",
        ),
        ("http://b.test/", "<p>word"),
    ]);
    for course in Course::ALL {
        let engine = crawl(&config().build().unwrap(), &documents, course);
        assert_eq!(served::dead(&engine), ["http://b.test/#:~:text=gone"]);
    }
}

#[test]
fn a_state_that_holds_texts_is_of_a_crawl_that_asks_for_them() {
    let asks = config().build().unwrap();
    let engine = crawl(&asks, &linking("<p>word", &[":~:text=gone"]), Course::OldestFirst);
    let resume = |config: Config| {
        let saved = Snapshot::from_bytes(engine.snapshot().as_bytes().to_vec());
        Engine::resume(config, saved, UnixTime::from_secs(0)).map(|engine| served::dead(&engine))
    };
    assert_eq!(resume(asks).unwrap(), ["http://a.test/page#:~:text=gone"]);
    assert!(resume(config().text_fragments(false).build().unwrap()).is_err());
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_text(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..30),
        cuts in prop::collection::vec(any::<u16>(), 0..6),
    ) {
        let html = pieces.concat();
        prop_assert_eq!(digest(&cut(html.as_bytes(), &cuts)).extra.prose.unwrap(), prose(&html));
    }

    /// What a browser makes of a selection leads to it: any words in a row, with what stands before and behind them.
    #[test]
    fn words_in_a_row_are_found(
        words in prop::collection::vec("[a-c]{1,3}", 3..12), from in any::<prop::sample::Index>(), count in 1..3_usize,
    ) {
        let from = from.index(words.len() - 1).max(1);
        let to = (from + count).min(words.len() - 1).max(from);
        prop_assume!(to > from);
        let html: String = words.iter().map(|word| format!("<p>{word}</p>")).collect();
        let fragment = format!(":~:text={}-,{},{},-{}", words[from - 1], words[from], words[to - 1], words[to]);
        if to - from > 1 {
            prop_assert_eq!(dead(&html, &[&fragment]), BTreeSet::new());
        }
        let line = format!("<p>{}</p>", words.join(" "));
        let fragment = format!(":~:text={}", words[from..to].join("%20"));
        prop_assert_eq!(dead(&line, &[&fragment]), BTreeSet::new());
    }
}

const PIECES: [&str; 22] = [
    "<p>",
    "</p>",
    "word",
    " ",
    "two words",
    "<b>",
    "</b>",
    "&amp;",
    "&eacute;",
    "&",
    "\n",
    "<br>",
    "<div class=x>",
    "<!-- c -->",
    "<script>no</script>",
    "<template>",
    "</template>",
    "<svg>",
    "</svg>",
    "\u{e9}",
    "<td>",
    "<textarea>x</textarea>",
];
