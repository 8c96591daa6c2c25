#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = whitespot_fuzz::bodies::geometry_file("zip", bytes, whitespot_fuzz::folder());
});
