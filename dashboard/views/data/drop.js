// Sends a file or folder that is dropped or chosen to the server, which writes it to disk as it comes, and shows how far
// it is. A folder is sent as a zip archive that is packed here, without compression.

const UNITS = ["B", "kB", "MB", "GB", "TB"];
// What an archive without 64-bit extensions can have.
const MOST_FILES = 65_535, MOST_BYTES = 4_000_000_000;

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

function shown(area) {
  const [arriving, alert] = [".fitboard-arriving", "p"].map((each) => area.querySelector(each));
  const told = arriving.querySelector("span"), bar = arriving.querySelector("progress");
  return {
    at(text, share) {
      for (const label of area.querySelectorAll("label")) label.hidden = true;
      alert.hidden = true;
      arriving.hidden = false;
      told.textContent = text;
      bar.value = share;
    },
    end(sentence) {
      area.fitboardCancel = null;
      for (const label of area.querySelectorAll("label")) label.hidden = false;
      arriving.hidden = true;
      alert.hidden = !sentence;
      alert.textContent = sentence;
    },
  };
}

function send(area, name, body, isFolder) {
  const show = shown(area), request = new XMLHttpRequest();
  const sent = (done) => {
    const text = done < body.size ? `${readable(done)} of ${readable(body.size)}` : "saving…";
    show.at(`${name}: ${text}`, body.size ? done / body.size : 1);
  };
  request.upload.onprogress = (event) => sent(event.loaded);
  request.onload = () => {
    if (request.status !== 200) return show.end(refusal(request));
    show.end("");
    area.fitboardTell("file", JSON.parse(request.responseText).path);
  };
  request.onerror = () => show.end(`The server cannot be reached, so ${name} was not uploaded; try again.`);
  request.onabort = () => show.end("");
  area.fitboardCancel = () => request.abort();
  sent(0);
  const file = encodeURIComponent(isFolder ? `${name}.zip` : name);
  request.open("PUT", new URL(`${area.fitboardFolder}/${file}${isFolder ? "?folder" : ""}`, document.baseURI));
  request.send(body);
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes) {
  let value = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) value = (value >>> 8) ^ CRC[(value ^ bytes[at]) & 255];
  return ~value >>> 0;
}

// Little-endian fields of 2 and 4 bytes.
function record(...fields) {
  const bytes = new DataView(new ArrayBuffer(fields.reduce((size, [width]) => size + width, 0)));
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 2) bytes.setUint16(at, value, true);
    else bytes.setUint32(at, value, true);
    at += width;
  }
  return bytes.buffer;
}

async function packed(files, isGoingOn) {
  const parts = [], directory = [];
  let offset = 0, listed = 0;
  for (const [place, { path, file }] of files.entries()) {
    if (!isGoingOn(place)) return null;
    const name = new TextEncoder().encode(path);
    // Version 2.0, names in UTF-8, stored, 1 January 1980.
    const about = [[2, 20], [2, 0x800], [2, 0], [2, 0], [2, 33], [4, crc32(new Uint8Array(await file.arrayBuffer()))],
      [4, file.size], [4, file.size], [2, name.length], [2, 0]];
    const entry = [[4, 0x02014b50], [2, 20], ...about, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]];
    parts.push(record([4, 0x04034b50], ...about), name, file);
    directory.push(record(...entry), name);
    offset += 30 + name.length + file.size;
    listed += 46 + name.length;
  }
  const count = files.length;
  const end = record([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, listed], [4, offset], [2, 0]);
  return new Blob([...parts, ...directory, end]);
}

async function sendFolder(area, name, files) {
  const show = shown(area), size = files.reduce((sum, { file }) => sum + file.size, 0);
  if (!files.length) return show.end(`${name} is an empty folder; choose a folder with a subfolder for each class.`);
  if (files.length > MOST_FILES || size > MOST_BYTES) {
    return show.end(`${name} has ${files.length} files of ${readable(size)}; enter its path below instead.`);
  }
  let goesOn = true;
  area.fitboardCancel = () => { goesOn = false; };
  try {
    const body = await packed(files, (place) => {
      show.at(`${name}: reading file ${place + 1} of ${files.length}`, place / files.length);
      return goesOn;
    });
    if (!body) return show.end("");
    send(area, name, body, true);
  } catch {
    show.end(`A file in ${name} cannot be read; check its permissions, and try again.`);
  }
}

async function inside(entry, path) {
  if (entry.isFile) return [{ path, file: await new Promise((done, fail) => entry.file(done, fail)) }];
  const reader = entry.createReader(), found = [];
  // A call returns 100 entries at most.
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return found;
    for (const each of some) {
      if (!each.name.startsWith(".")) found.push(...await inside(each, path ? `${path}/${each.name}` : each.name));
    }
  }
}

async function take(area, list) {
  const [file, ...more] = list;
  if (!file || area.fitboardCancel) return;
  if (more.length) return shown(area).end(`${list.length} files were dropped; drop one file or folder at a time.`);
  const entry = file.webkitGetAsEntry?.();
  if (!entry?.isDirectory) {
    const whole = file.getAsFile?.() ?? file;
    return send(area, whole.name, whole, false);
  }
  try {
    await sendFolder(area, entry.name, await inside(entry, ""));
  } catch {
    shown(area).end(`${entry.name} cannot be read; check its permissions, or enter its path below.`);
  }
}

function takeFolder(area, list) {
  const files = list.map((file) => ({ path: file.webkitRelativePath.split("/").slice(1).join("/"), file }));
  const visible = files.filter(({ path }) => !path.split("/").some((part) => part.startsWith(".")));
  if (list.length) sendFolder(area, list[0].webkitRelativePath.split("/")[0], visible);
}

function listen(area) {
  const label = area.querySelector("label"), [input, folder] = area.querySelectorAll("input");
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
  folder.addEventListener("change", () => {
    takeFolder(area, [...folder.files]);
    folder.value = "";
  });
  area.querySelector(".fitboard-arriving button").addEventListener("click", () => area.fitboardCancel?.());
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
