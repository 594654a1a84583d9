//! The exit codes, on results put together by hand.

mod common;

use common::{HandMade, finding, url};
use crawlspace::LimitKind;
use crawlspace::report::Class;
use crawlspace_cli::exit::Exit;

#[test]
fn codes_are_those_of_the_help() {
    let codes = [Exit::Clean, Exit::Broken, Exit::Usage, Exit::Nothing, Exit::Partial, Exit::Interrupted];
    assert_eq!(codes.map(|exit| exit as u8), [0, 1, 2, 3, 4, 130]);
}

#[test]
fn worse_wins() {
    let clean = HandMade::of([]);
    let broken = || HandMade::of([finding(url("/missing"), Class::Broken, Some(404), "")]);
    assert_eq!(Exit::of(&clean, false, false), Exit::Clean);
    assert_eq!(Exit::of(&broken(), false, false), Exit::Broken);
    assert_eq!(Exit::of(&broken(), false, true), Exit::Clean, "graceful");
    assert_eq!(Exit::of(&broken(), true, false), Exit::Interrupted);

    let mut partial = HandMade::of([]);
    partial.summary.partial = vec![LimitKind::MaxPages];
    assert_eq!(Exit::of(&partial, false, false), Exit::Partial);
    let mut both = broken();
    both.summary.partial = vec![LimitKind::MaxPages];
    assert_eq!(Exit::of(&both, false, false), Exit::Broken, "broken wins over partial");
}

#[test]
fn warnings_and_infos_never_count() {
    let results = HandMade::of([
        finding(url("/big"), Class::TooLarge, Some(200), ""),
        finding(url("/old"), Class::Redirected, Some(200), ""),
        finding(url("/no"), Class::Skipped, None, ""),
    ]);
    assert_eq!(Exit::of(&results, false, false), Exit::Clean);
}

#[test]
fn nothing_was_checked_if_no_target_answered() {
    for class in [Class::Dns, Class::Unreachable, Class::Timeout, Class::Skipped] {
        let mut results = HandMade::of([finding(url("/"), class, None, "")]);
        results.summary.pages = 0;
        results.links.retain(|link| link.class != Class::Ok);
        assert_eq!(Exit::of(&results, false, false), Exit::Nothing, "{class}");
    }
    // A target that answers with an error has answered.
    let mut results = HandMade::of([finding(url("/"), Class::Broken, Some(404), "")]);
    results.summary.pages = 0;
    results.links.retain(|link| link.class != Class::Ok);
    assert_eq!(Exit::of(&results, false, false), Exit::Broken);
}
