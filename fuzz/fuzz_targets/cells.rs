#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| whitespot_fuzz::loads::cell_codes(bytes));
