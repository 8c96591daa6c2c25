//! Sorts settlements by cell, so that neighbours are looked up one after the other.

/// The numbers `0..keys.len()` in ascending order of their key; equal keys stay in order. Linear.
pub(super) fn order_by(keys: &[u32]) -> Vec<u32> {
    const BITS: u32 = 11;
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    let mut sorted = vec![0; keys.len()];
    let highest = keys.iter().copied().max().unwrap_or(0);
    let mut shift = 0;
    while shift == 0 || (shift < 32 && highest >> shift != 0) {
        let digit = |i: u32| (keys[i as usize] >> shift) as usize & ((1 << BITS) - 1);
        let mut starts = [0_u32; 1 << BITS];
        for &i in &order {
            starts[digit(i)] += 1;
        }
        let mut sum = 0;
        for s in &mut starts {
            sum += std::mem::replace(s, sum);
        }
        for &i in &order {
            let at = &mut starts[digit(i)];
            sorted[*at as usize] = i;
            *at += 1;
        }
        std::mem::swap(&mut order, &mut sorted);
        shift += BITS;
    }
    order
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_order_is_ascending_and_stable() {
        let keys: Vec<u32> = (0..5000_u32).map(|i| i.wrapping_mul(2_654_435_761) >> (i % 30)).collect();
        let mut expected: Vec<u32> = (0..5000).collect();
        expected.sort_by_key(|i| keys[*i as usize]);
        assert_eq!(super::order_by(&keys), expected);
        assert!(super::order_by(&[]).is_empty());
    }
}
