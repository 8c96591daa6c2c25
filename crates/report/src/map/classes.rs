//! Classes of a share: the same fixed limits on every map, run and scenario (UX §2.4).

/// Limits of the five classes; each holds its lower limit, the last its upper one too.
pub(crate) const CLASS_LIMITS: [f64; 6] = [0.0, 0.10, 0.25, 0.50, 0.75, 1.0];

/// The class of a share, `0`–`4`, or `n` where there is no value.
pub(crate) fn class_of(share: Option<f64>) -> char {
    match share {
        Some(share) if share.is_finite() => {
            let class = CLASS_LIMITS[1..5].iter().filter(|&&limit| share >= limit).count();
            char::from(b'0' + class as u8)
        }
        _ => 'n',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_belongs_to_the_class_above_it() {
        for (share, class) in
            [(0.0, '0'), (0.0999, '0'), (0.1, '1'), (0.25, '2'), (0.5, '3'), (0.75, '4'), (1.0, '4')]
        {
            assert_eq!(class_of(Some(share)), class, "{share}");
        }
        assert_eq!(class_of(None), 'n');
        assert_eq!(class_of(Some(f64::NAN)), 'n');
    }
}
