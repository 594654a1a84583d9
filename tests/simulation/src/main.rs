//! `simulate`: as many simulated fetches as are asked for; how fast they are, which faults struck, and what came of
//! them. With `--judge` each crawl is judged, and the first that fails is made small and printed.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a command")]

use crawlspace::{Config, Seed};
use crawlspace_sim::{Case, Faults, Mode, Network, Shape, Simulation, Tally, Tested, minimise};
use crawlspace_simulation::{Plan, judge};
use std::ops::Range;
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "usage: simulate [--seeds A..B] [--fetches N] [--threads N] [--html]
  swarm, the default: a small case, plan and subset of faults from each seed, every crawl judged from outside
  speed: --shape SHAPE --pages N [--faults none|swarm|NAME:RATE,…], nothing judged
--seeds    which seeds, one crawl for each (default 0..1000)
--fetches  stop after so many fetches (default: no limit)
--threads  how many crawls at a time (default 1)
--html     pages as bytes, through the digester (default: ready digests)";

#[derive(Clone, Debug)]
struct Options {
    seeds: Range<u64>,
    fetches: u64,
    threads: u64,
    mode: Mode,
    shape: Option<Shape>,
    pages: u64,
    faults: Option<String>,
}

#[derive(Debug, Default)]
struct Totals {
    crawls: u64,
    fetches: u64,
    steps: u64,
    virtual_seconds: u64,
    tally: Tally,
    failures: Vec<String>,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let began = Instant::now();
    let parts: Vec<Totals> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..options.threads)
            .map(|part| {
                let options = &options;
                scope.spawn(move || work(options, part))
            })
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    let took = began.elapsed();
    let mut totals = Totals::default();
    for part in parts {
        totals.crawls += part.crawls;
        totals.fetches += part.fetches;
        totals.steps += part.steps;
        totals.virtual_seconds += part.virtual_seconds;
        totals.tally.add(&part.tally);
        totals.failures.extend(part.failures);
    }
    println!("{}", totals.tally);
    println!(
        "{} crawls, {} fetches, {} steps, {} virtual hours in {:.1} s: {:.0} fetches a second; {} pairs of fault and outcome",
        totals.crawls,
        totals.fetches,
        totals.steps,
        totals.virtual_seconds / 3_600,
        took.as_secs_f64(),
        totals.fetches as f64 / took.as_secs_f64(),
        totals.tally.pairs(),
    );
    totals.failures.iter().for_each(|failure| eprintln!("{failure}"));
    if totals.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Every so manieth seed, until the range or the fetches are used up.
fn work(options: &Options, part: u64) -> Totals {
    let mut totals = Totals::default();
    let seeds = options.seeds.clone().skip(usize::try_from(part).unwrap_or(usize::MAX));
    for seed in seeds.step_by(usize::try_from(options.threads).unwrap_or(1)) {
        if totals.fetches >= options.fetches / options.threads {
            break;
        }
        totals.crawls += 1;
        match options.shape {
            Some(shape) => fast(options, shape, seed, &mut totals),
            None => judged(options, seed, &mut totals),
        }
    }
    totals
}

/// One crawl of a web of this size, nothing kept.
fn fast(options: &Options, shape: Shape, seed: u64, totals: &mut Totals) {
    let faults = match options.faults.as_deref() {
        Some("swarm") => Faults::swarm(seed),
        Some(text) => text.parse().unwrap_or_default(),
        None => Faults::none(),
    };
    let case = Case { seed, shape, pages: options.pages, heals: u64::MAX, faults };
    let web = case.web();
    let config = Config::builder().seed(web.seeds()[0].clone()).build();
    let Ok(config) = config else { return };
    let simulation = Simulation::new(web)
        .network(Network::new(seed).faults(case.faults.clone()))
        .seed(Seed(seed))
        .mode(options.mode)
        .steps(u64::MAX)
        .keep_log(false);
    match simulation.run(config) {
        Ok(run) => add(&run, totals),
        Err(stuck) => totals.failures.push(format!("{case}: {stuck}")),
    }
}

/// One crawl of a case of its own, judged.
fn judged(options: &Options, seed: u64, totals: &mut Totals) {
    let case = Case::draw(seed);
    let test = |case: &Case, totals: Option<&mut Totals>| -> Tested {
        let plan = Plan::of(case);
        let run = case.simulation().mode(options.mode).run(plan.config())?;
        if let Some(totals) = totals {
            add(&run, totals);
        }
        Ok(judge(&plan, &run)?)
    };
    let fails = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&case, Some(totals)).is_err()));
    if fails.unwrap_or(true)
        && let Err(failed) = minimise(&case, |case| test(case, None))
    {
        totals.failures.push(failed.to_string());
    }
}

fn add(run: &crawlspace_sim::Run, totals: &mut Totals) {
    totals.fetches += run.fetches();
    totals.steps += run.trace().steps();
    totals.virtual_seconds += run.elapsed().as_secs();
    totals.tally.add(run.tally());
}

fn options(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        seeds: 0..1_000,
        fetches: u64::MAX,
        threads: 1,
        mode: Mode::Plain,
        shape: None,
        pages: 100_000,
        faults: None,
    };
    while let Some(name) = args.next() {
        if name == "--html" {
            options.mode = Mode::Html;
            continue;
        }
        let value = args.next().ok_or_else(|| format!("{name} has no value"))?;
        let number =
            || value.replace('_', "").parse::<u64>().map_err(|error| format!("{name} {value}: {error}"));
        match name.as_str() {
            "--seeds" => {
                let range =
                    value.split_once("..").ok_or_else(|| format!("{value} is no range such as 0..100"))?;
                let end = |text: &str| text.parse::<u64>().map_err(|error| format!("{value}: {error}"));
                options.seeds = end(range.0)?..end(range.1)?;
            }
            "--fetches" => options.fetches = number()?,
            "--threads" => options.threads = number()?.clamp(1, 64),
            "--pages" => options.pages = number()?,
            "--shape" => options.shape = Some(value.parse()?),
            "--faults" => {
                if value != "swarm" {
                    value.parse::<Faults>()?;
                }
                options.faults = Some(value);
            }
            _ => return Err(format!("{name} is no option")),
        }
    }
    Ok(options)
}
