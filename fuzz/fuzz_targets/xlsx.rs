#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: whitespot_fuzz::let_guarded_panics_pass(), |bytes: &[u8]| {
    let _ = whitespot_fuzz::loads::table_file("xlsx", bytes, whitespot_fuzz::folder());
});
