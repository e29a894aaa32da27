// The token by which the character knows this browser again. The server sends one only when the person agreed.

const KEY = "avatar-memory";

/** The token that was kept: "" if none was yet, null where this browser keeps nothing. */
export function kept() {
  try { return localStorage.getItem(KEY) ?? ""; } catch { return null; }
}

/** Keep a token, or throw away the one that was kept where it is "". */
export function keep(token) {
  try {
    if (token) localStorage.setItem(KEY, token);
    else localStorage.removeItem(KEY);
  } catch { /* then the person is a stranger next time */ }
}
