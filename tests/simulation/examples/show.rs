//! Shows one case: `cargo run -p crawlspace-simulation --example show -- 'seed=1 …'`.
#![allow(clippy::print_stdout, reason = "it is a command")]

use crawlspace::Outcome;
use crawlspace_sim::Case;
use crawlspace_simulation::{Plan, judge};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let case: Case = std::env::args().nth(1).unwrap_or_default().parse()?;
    let plan = Plan::of(&case);
    println!("{plan:#?}");
    let run = case.simulation().run(plan.config())?;
    for entry in run.log().entries() {
        let request = &entry.request;
        let fault = entry.fault.map_or("", |fault| fault.as_str());
        let (kind, method, need) = (request.kind, request.method.as_str(), request.need);
        println!("{} {kind:?} {method} {need:?} {} #{} {fault}", entry.at, request.url, request.attempt);
        match &entry.outcome {
            Some(Outcome::Answered(digest)) => {
                println!("    {} {:?} at {:?}", digest.status, digest.location, entry.ended);
                for link in digest.links.iter() {
                    println!("    {:?} {:?} #{:?}", link.place, link.target, link.fragment);
                }
            }
            other => println!("    {other:?} at {:?}", entry.ended),
        }
    }
    for row in run.report().links() {
        println!("{} {} #{:?} {}", row.class, row.url, row.fragment, row.message);
    }
    println!("{:?}", judge(&plan, &run));
    Ok(())
}
