// Sends one operation. Only a receipt that names it means "stored".
export function cookie(name) {
  return document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

/** Posts the fields of an operation; the answer has `operation` when it is stored, else a `code` and perhaps a `sentence`. */
export async function post(url, data, more = {}) {
  // the token of this moment: somebody may have logged in again in another tab
  const headers = { "X-CSRFToken": cookie("csrftoken"), Accept: "application/json" };
  let response;
  try {
    response = await fetch(url, { method: "POST", body: data, headers, redirect: "manual", ...more });
  } catch {
    return { code: "offline" };
  }
  if (response.type === "opaqueredirect" || response.status === 401) return { code: "login" };
  const json = (response.headers.get("content-type") ?? "").includes("application/json");
  if (!json) return { code: response.status === 403 ? "login" : "server" };
  const answer = await response.json().catch(() => ({ code: "server" }));
  return response.ok && answer.operation !== data.get("operation") ? { code: "server" } : answer;
}
