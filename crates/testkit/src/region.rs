//! Synthetic regions of the sizes S, M, L and XL.
