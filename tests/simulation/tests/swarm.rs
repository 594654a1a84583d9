//! Many small worlds with whatever goes wrong in them, each judged from outside the engine.

use crawlspace::{Seed, Time};
use crawlspace_sim::{Case, Fault, InFlight, Latency, Mode, Network, Run, Simulation, Tally, Tested, check};
use crawlspace_simulation::judge::at_each_step;
use crawlspace_simulation::{Plan, judge, text};
use std::cell::RefCell;
use std::time::Duration;

/// How many pairs of a fault and an outcome the cases must reach: fewer, and they have become weaker.
const PAIRS: usize = 110;

/// Two phases: things go wrong, then nothing does; it must end, and have found what there was to find.
#[test]
fn every_promise_holds_whatever_goes_wrong() {
    let tally = RefCell::new(Tally::default());
    check(0..1_500, |case| {
        let plan = Plan::of(case);
        let mut run = case.simulation().begin(plan.config());
        while run.step()? {
            at_each_step(&run)?;
        }
        tally.borrow_mut().add(run.tally());
        Ok(judge(&plan, &run)?)
    });
    let tally = tally.into_inner();
    if std::env::var_os("CRAWLSPACE_SIM").is_none() {
        let never: Vec<Fault> = Fault::all().filter(|fault| tally.of(Some(*fault)) == 0).collect();
        assert!(
            never.is_empty() && tally.pairs() >= PAIRS,
            "{never:?} never struck\n{tally}\n{} pairs",
            tally.pairs()
        );
    }
}

/// Cases that once were judged wrongly: a page names, for a form's sake, what a redirect led to that could not be had
/// when more of it was needed.
#[test]
fn what_once_was_judged_wrongly() -> Result<(), Box<dyn std::error::Error>> {
    for case in [
        "seed=5476508 shape=mixed pages=21 heals=4 faults=clock-ahead:0.113",
        "seed=5176134 shape=mixed pages=46 heals=285 faults=closed:0.12,endless-head:0.049,odd-status:0.064,\
         lost:0.417,clock-ahead:0.029",
    ] {
        let case: Case = case.parse()?;
        let plan = Plan::of(&case);
        judge(&plan, &case.simulation().run(plan.config())?).map_err(|why| format!("{case}: {why}"))?;
    }
    Ok(())
}

/// The same through real bytes.
#[test]
fn through_the_digester_too() {
    check(10_000..10_200, |case| {
        let plan = Plan::of(case);
        let run = case.simulation().mode(Mode::Html).run(plan.config())?;
        Ok(judge(&plan, &run)?)
    });
}

/// I15: the same seed twice takes the same steps.
#[test]
fn the_same_seed_twice() {
    check(0..75, |case| {
        let plan = Plan::of(case);
        let run = || case.simulation().run(plan.config());
        let (first, second) = (run()?, run()?);
        (first.trace().hash() == second.trace().hash()).then_some(()).ok_or("I15: another trace")?;
        (text(&first.report()) == text(&second.report())).then_some(()).ok_or("I15: another report")?;
        Ok(())
    });
}

/// A case whose answers depend on the requests alone.
fn timeless(case: &Case) -> Network {
    let uniform = Latency::Uniform(Duration::ZERO, Duration::from_millis(700));
    case.network()
        .healed_at(Time::MAX)
        .latency(uniform)
        .faults(case.faults.clone().only(|fault| !fault.depends_on_time() && fault != Fault::Late))
}

fn same(expected: &str, run: &Run, what: &str) -> Tested {
    let told = text(&run.report());
    if told == expected {
        return Ok(());
    }
    let (left, right): (Vec<_>, Vec<_>) = (expected.lines().collect(), told.lines().collect());
    let at = left.iter().zip(&right).position(|(left, right)| left != right).unwrap_or(0);
    Err(format!("{what}:\n  {}\n  {}", left.get(at).unwrap_or(&""), right.get(at).unwrap_or(&"")).into())
}

/// I13: the report depends neither on the order of answers nor on how many are asked for at a time.
#[test]
fn any_order_any_concurrency() {
    check(20_000..20_250, |case| {
        let plan = Plan { timeout: Duration::from_secs(10), ..Plan::of(case) };
        // In ordered mode a limit picks the same pages every time.
        let limited = case.seed % 2 == 1;
        let plan = Plan { ordered: limited, pages: limited.then_some(3 + case.seed % 9), ..plan };
        let simulation = |latency| {
            let network = timeless(case).latency(latency);
            Simulation::new(case.web()).network(network).seed(Seed(case.seed)).steps(1_000_000)
        };
        let expected = simulation(Latency::Constant(Duration::from_millis(5))).run(plan.config())?;
        let expected = text(&expected.report());
        for (at_once, most) in [(1, 10), (3, 2_000), (64, 500), (256, 3)] {
            let plan = Plan { concurrency: at_once, of_host: at_once, ..plan.clone() };
            let latency = Latency::Uniform(Duration::ZERO, Duration::from_millis(most));
            let run = simulation(latency).run(plan.config())?;
            same(&expected, &run, &format!("I13: {at_once} at a time"))?;
        }
        Ok(())
    });
}

/// What passes leaves no trace: with one attempt more than goes wrong, the report is that of a web without faults.
#[test]
fn what_passes_leaves_no_trace() {
    check(30_000..30_400, |case| {
        let plan = Plan { pages: None, retries: 2, timeout: Duration::from_secs(10), ..Plan::of(case) };
        // Where the clock jumps, what is in flight lapses at any attempt.
        let jumps = [Fault::ClockAhead, Fault::Suspended];
        let passing = |fault: Fault| fault.is_passing() && !jumps.contains(&fault);
        let faults = case.faults.clone().only(passing);
        let network = timeless(case).only_attempts(2);
        let run = |network| Simulation::new(case.web()).network(network).run(plan.config());
        // What a page does by itself takes attempts too, so none of that.
        if case.shape == crawlspace_sim::Shape::Flaky || case.shape == crawlspace_sim::Shape::Mixed {
            return Ok(());
        }
        let calm = run(network.clone().faults(crawlspace_sim::Faults::none()))?;
        let run = run(network.faults(faults))?;
        same(&text(&calm.report()), &run, "a fault that passed has left a trace")
    });
}

/// I18, I19: interrupted at drawn steps, with the answers in flight lost or still to come: the same report, and
/// all manners kept over the interruption.
#[test]
fn interrupted_at_any_step() {
    check(40_000..40_300, |case| {
        let plan = Plan { pages: None, timeout: Duration::from_secs(10), ..Plan::of(case) };
        let simulation = Simulation::new(case.web()).network(timeless(case)).steps(1_000_000);
        let expected = text(&simulation.run(plan.config())?.report());
        let mut draws = crawlspace_sim::Draws::new(case.seed).fork("crash");
        let mut run = simulation.begin(plan.config());
        let mut lost = 0;
        for _ in 0..1 + draws.below(4) {
            for _ in 0..draws.below(60) {
                run.step()?;
            }
            lost += run
                .log()
                .entries()
                .iter()
                .filter(|entry| entry.ended.is_none() && !entry.interrupted)
                .count();
            run.crash(if draws.one_in(2) { InFlight::Lost } else { InFlight::Kept })?;
        }
        run.finish()?;
        crawlspace_simulation::witness::manners(&plan, run.log().entries())?;
        crawlspace_simulation::witness::asked_again(run.log().entries(), lost)?;
        same(&expected, &run, "I18: another report after interruptions")
    });
}

/// I7, I18, X31: a machine that sleeps for days, and is killed in between: all manners are kept, and no robots.txt is asked for
/// before its day is over.
#[test]
fn interrupted_while_days_go_by() {
    check(45_000..45_150, |case| {
        let plan = Plan { pages: None, ..Plan::of(case) };
        let faults = crawlspace_sim::Faults::none().with(Fault::Suspended, 0.15);
        let network = case.network().healed_at(Time::MAX).faults(faults);
        let mut run = Simulation::new(case.web()).network(network).steps(1_000_000).begin(plan.config());
        let mut draws = crawlspace_sim::Draws::new(case.seed).fork("crash");
        for _ in 0..3 {
            for _ in 0..draws.below(60) {
                run.step()?;
            }
            run.crash(InFlight::Lost)?;
        }
        run.finish()?;
        Ok(crawlspace_simulation::witness::manners(&plan, run.log().entries())?)
    });
}
