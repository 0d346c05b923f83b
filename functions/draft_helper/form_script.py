"""The scripts of the compose page: files go straight to S3, what is typed outlives a reload, and the page of a note follows it."""

from __future__ import annotations

# What was typed lies in the browser's own store, for this page's origin alone, until the note is taken or a week has passed.
FORM_SCRIPT = """
(function () {
  "use strict";
  var KEY = "note", WEEK = 7 * 24 * 3600 * 1000;
  var form = document.getElementById("note"), input = document.getElementById("files"), list = document.getElementById("list");
  var send = document.getElementById("send"), said = document.getElementById("said"), kept = document.getElementById("kept");
  var text = document.getElementById("text"), most = Number(form.dataset.most), label = send.textContent, pending = 0;
  var queue = Promise.resolve();  // one after the other: a phone's line is narrow
  document.getElementById("files-part").hidden = false;
  document.getElementById("no-files").hidden = true;

  function each(name, act) { form.querySelectorAll('[name="' + name + '"]').forEach(act); }
  function keep() {
    var state = { at: Date.now(), text: text.value, date: form.date.value, time: form.time.value, link: form.link.value, channels: [], added: [] };
    each("kind", function (one) { if (one.checked) state.kind = one.value; });
    each("channel", function (one) { if (one.checked) state.channels.push(one.value); });
    each("upload", function (one) { if (one.checked) state.added.push(one.value); });
    try { localStorage.setItem(KEY, JSON.stringify(state)); } catch (error) { return; }
  }
  function restore() {
    var state = null;
    try { state = JSON.parse(localStorage.getItem(KEY)); } catch (error) { return; }
    if (!state || !(Date.now() - state.at < WEEK) || !(state.text || state.link || state.date || state.added.length)) return;
    text.value = state.text; form.date.value = state.date; form.time.value = state.time; form.link.value = state.link;
    each("kind", function (one) { one.checked = one.value === state.kind; });
    each("channel", function (one) { one.checked = state.channels.indexOf(one.value) >= 0; });
    state.added.forEach(function (value) { show(value.slice(value.indexOf(" ") + 1), value); });
    if (state.date || state.time || state.link) form.querySelector("details").open = true;
    kept.textContent = "What you had typed here before is back. ";
    var clear = button("Start anew", function () {
      try { localStorage.removeItem(KEY); } catch (error) { return; }
      location.reload();
    });
    kept.appendChild(clear);
    kept.hidden = false;
  }

  function button(words, act) {
    var made = document.createElement("button");
    made.type = "button"; made.className = "quiet add"; made.textContent = words;
    made.addEventListener("click", act);
    return made;
  }
  function show(name, value, file) {
    var item = document.createElement("li"), words = document.createElement("span"), box = document.createElement("input");
    if (file && /^image\\/(jpeg|png|webp)$/.test(file.type)) {
      var image = document.createElement("img");
      image.alt = ""; image.src = URL.createObjectURL(file);
      image.addEventListener("load", function () { URL.revokeObjectURL(image.src); });
      item.appendChild(image);
    }
    words.className = "name"; words.dir = "auto"; words.textContent = name;
    box.type = "checkbox"; box.name = "upload"; box.value = value; box.checked = Boolean(value); box.hidden = true; box.disabled = !value;
    item.appendChild(words); item.appendChild(box);
    remover(item, name);
    list.appendChild(item);
    return { item: item, words: words, box: box };
  }
  function remover(item, name) {
    var remove = button("Remove", function () {
      if (item.stop) item.stop();
      item.remove(); keep(); input.focus();
      said.textContent = name + " is removed.";
    });
    remove.setAttribute("aria-label", "Remove " + name);
    item.appendChild(remove);
  }
  function busy(change) {
    pending += change;
    send.disabled = pending > 0;
    send.textContent = pending > 0 ? "Adding files \\u2026" : label;
  }
  function add(file) {
    queue = queue.then(function () { return new Promise(function (next) { one(file, next); }); });
  }
  function one(file, next) {
    if (list.children.length >= most) { said.textContent = file.name + " is one too many: " + most + " files are the most."; next(); return; }
    var row = show(file.name, "", file), bar = document.createElement("progress"), over = false, request = null;
    bar.max = 1; bar.value = 0; bar.setAttribute("aria-label", "Adding " + file.name);
    row.item.appendChild(bar);
    busy(1);
    function end(sentence) {
      if (over) return;
      over = true; busy(-1); bar.remove(); next();
      if (sentence) { row.words.textContent = sentence; row.words.className = "name mend"; }
      said.textContent = sentence || file.name + " is added.";
    }
    row.item.stop = function () { if (request) request.abort(); if (!over) { over = true; busy(-1); next(); } };
    var lost = file.name + " could not be added: the connection was lost. Remove it and add it again.";
    fetch(form.dataset.upload, { method: "POST", credentials: "same-origin", body: new URLSearchParams({ name: file.name, type: file.type, size: String(file.size) }) })
      .then(function (answer) { return answer.json(); })
      .then(function (told) {
        if (told.error) { end(told.error); return; }
        var data = new FormData();
        Object.keys(told.fields).forEach(function (name) { data.append(name, told.fields[name]); });
        data.append("file", file);
        request = new XMLHttpRequest();
        request.open("POST", told.url);
        request.upload.addEventListener("progress", function (event) { if (event.lengthComputable) bar.value = event.loaded / event.total; });
        request.addEventListener("load", function () {
          if (request.status < 200 || request.status > 299) { end(file.name + " was not taken (" + request.status + "). Remove it and add it again."); return; }
          row.box.value = told.id + " " + file.name; row.box.disabled = false; row.box.checked = true;
          keep(); end("");
        });
        request.addEventListener("error", function () { end(lost); });
        request.send(data);
      })
      .catch(function () { end(lost); });
  }

  input.addEventListener("change", function () {
    Array.prototype.forEach.call(input.files, add);
    input.value = "";
  });
  list.querySelectorAll("li").forEach(function (item) {
    var box = item.querySelector("input"), name = item.textContent;
    box.hidden = true;
    remover(item, name);
  });
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  text.addEventListener("input", function () {
    var length = text.value.trim().length;
    said.textContent = length > 4500 ? length.toLocaleString("en") + " of 5,000 characters" : "";
  });
  if (form.hasAttribute("data-fresh")) restore(); else keep();
})();
""".strip()

PROGRESS_SCRIPT = """
(function () {
  "use strict";
  try { localStorage.removeItem("note"); } catch (error) { /* it was never kept */ }
  var box = document.getElementById("state"), looks = 0;
  function later() { if (box.hasAttribute("data-waits") && looks < 200) setTimeout(look, looks < 30 ? 2000 : 6000); }
  function look() {
    looks += 1;
    if (document.visibilityState !== "visible") { later(); return; }
    fetch(location.href, { credentials: "same-origin" })
      .then(function (answer) { return answer.text(); })
      .then(function (html) {
        var from = html.indexOf('<div id="state"'), whole = html.slice(from, html.indexOf("</div>", from) + 6);
        var fresh = new DOMParser().parseFromString(whole, "text/html").getElementById("state");
        if (fresh && fresh.dataset.state !== box.dataset.state) {
          box.replaceChildren.apply(box, Array.prototype.slice.call(fresh.childNodes));
          box.dataset.state = fresh.dataset.state;
          if (!fresh.hasAttribute("data-waits")) box.removeAttribute("data-waits");
        }
        later();
      })
      .catch(later);
  }
  later();
})();
""".strip()
