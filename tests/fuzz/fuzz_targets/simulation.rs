#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(why) = crawlspace_simulation::model::run(data) {
        panic!("{why}");
    }
});
