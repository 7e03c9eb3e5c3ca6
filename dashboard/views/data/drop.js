// Sends a file that is dropped or chosen to the server, which writes it to disk as it comes, and shows how far it is.

const UNITS = ["B", "kB", "MB", "GB", "TB"];

function readable(bytes) {
  let at = 0, size = bytes;
  for (; size >= 1000 && at < UNITS.length - 1; at += 1) size /= 1000;
  return `${size >= 100 || !at ? Math.round(size) : size.toPrecision(3)} ${UNITS[at]}`;
}

function refusal(request) {
  try {
    return JSON.parse(request.responseText).error;
  } catch {
    return `The server answered with status ${request.status}; try again.`;
  }
}

function send(area, file) {
  const [label, arriving, alert] = [".fitboard-drop label", ".fitboard-arriving", "p"].map((each) => area.querySelector(each));
  const told = arriving.querySelector("span"), bar = arriving.querySelector("progress");
  const request = new XMLHttpRequest();
  const show = (done) => {
    bar.value = file.size ? done / file.size : 1;
    told.textContent = done < file.size ? `${file.name}: ${readable(done)} of ${readable(file.size)}` : `${file.name}: saving…`;
  };
  const end = (sentence) => {
    area.fitboardRequest = null;
    label.hidden = false;
    arriving.hidden = true;
    alert.hidden = !sentence;
    alert.textContent = sentence;
  };
  request.upload.onprogress = (event) => show(event.loaded);
  request.onload = () => {
    if (request.status !== 200) return end(refusal(request));
    end("");
    area.fitboardTell("file", JSON.parse(request.responseText).path);
  };
  request.onerror = () => end(`The server cannot be reached, so ${file.name} was not uploaded; try again.`);
  request.onabort = () => end("");
  area.fitboardRequest = request;
  alert.hidden = true;
  label.hidden = true;
  arriving.hidden = false;
  show(0);
  request.open("PUT", new URL(`${area.fitboardFolder}/${encodeURIComponent(file.name)}`, document.baseURI));
  request.send(file);
}

function take(area, list) {
  const [file, ...more] = list;
  if (!file || area.fitboardRequest) return;
  const entry = file.webkitGetAsEntry?.();
  const alert = area.querySelector("p");
  const sentence = more.length
    ? `${list.length} files were dropped; drop one at a time.`
    : entry?.isDirectory ? `${entry.name} is a folder; enter its path below.` : "";
  alert.hidden = !sentence;
  alert.textContent = sentence;
  if (!sentence) send(area, file.getAsFile?.() ?? file);
}

function listen(area) {
  const label = area.querySelector("label"), input = area.querySelector("input");
  const over = (event) => {
    event.preventDefault();
    label.classList.toggle("over", event.type === "dragover");
  };
  for (const name of ["dragover", "dragleave", "drop"]) label.addEventListener(name, over);
  label.addEventListener("drop", (event) => take(area, [...event.dataTransfer.items].filter((each) => each.kind === "file")));
  input.addEventListener("change", () => {
    take(area, [...input.files]);
    input.value = "";
  });
  area.querySelector(".fitboard-arriving button").addEventListener("click", () => area.fitboardRequest?.abort());
}

export default function ({ parentElement, data, setTriggerValue }) {
  const area = parentElement.querySelector(".fitboard-drop");
  area.fitboardFolder = data.folder;
  area.fitboardTell = setTriggerValue;
  if (!area.fitboardListens) {
    area.fitboardListens = true;
    listen(area);
  }
}
