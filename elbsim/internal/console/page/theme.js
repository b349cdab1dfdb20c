// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

const NEXT = { system: "light", light: "dark", dark: "system" };

/** theme makes a button the switch between the system's theme, light and dark; the choice is remembered. */
export function theme(button) {
  const use = (name) => {
    if (name === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    button.textContent = `theme: ${name}`;
    button.value = name;
  };
  let stored;
  try {
    stored = localStorage.getItem("theme");
  } catch {
    // a browser without storage forgets
  }
  use(stored in NEXT ? stored : "system");
  button.addEventListener("click", () => {
    use(NEXT[button.value]);
    try {
      localStorage.setItem("theme", button.value);
    } catch {
      // see above
    }
  });
}
