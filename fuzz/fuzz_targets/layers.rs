#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: whitespot_fuzz::let_guarded_panics_pass(), |bytes: &[u8]| whitespot_fuzz::loads::layers(bytes, whitespot_fuzz::folder()));
