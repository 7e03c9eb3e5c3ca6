// The menu at a chart that saves it as SVG, PNG or CSV. Pictures are made here; the server is asked for the numbers,
// of which a chart may leave some out.

const SHARPNESS = 2; // pixels of a PNG for each pixel of the page
const FAINT = 0.1;
const MOST_NAMED = 30, ROW = 20; // names in the legend of a picture, and pixels of a row of them

function menuOf(cell, save) {
  const menu = document.createElement("details");
  menu.className = "fitboard-save";
  const button = document.createElement("summary");
  button.textContent = "download"; // the name of the icon
  button.title = "Save the chart";
  const choices = document.createElement("div");
  menu.append(button, choices);
  for (const format of ["SVG", "PNG", "CSV"]) {
    const choice = document.createElement("button");
    choice.type = "button";
    choice.textContent = format;
    choice.dataset.format = format.toLowerCase();
    choice.addEventListener("click", () => {
      menu.open = false;
      save(cell, choice.dataset.format);
    });
    choices.append(choice);
  }
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (!menu.contains(relatedTarget)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    button.focus();
  });
  return menu;
}

function showMenu(cell, { id, table, label }, save) {
  cell.fitboardMenu ??= cell.appendChild(menuOf(cell, save));
  cell.fitboardMenu.querySelector("summary").setAttribute("aria-label", `Save the chart: ${label.slice(0, 60)}`);
  cell.fitboardMenu.querySelector("[data-format=csv]").hidden = !table;
  cell.fitboardName = id;
}

function fileOf(name, format) {
  const plain = name.replace(/[^\p{L}\p{N}_-]+/gu, "_").replace(/^_+|_+$/g, "").slice(0, 80);
  return `${plain || "chart"}.${format}`;
}

function download(address, file) {
  const link = document.createElement("a");
  link.href = address;
  link.download = file;
  link.click();
}

// A picture leaves the page, and with it the theme's style sheet, the legend above the charts, and what is faded there.
async function savePicture(plotly, cell, format) {
  const style = getComputedStyle(cell);
  const color = style.getPropertyValue("--st-text-color").trim() || style.color;
  const background = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
  const data = withFaded(cell);
  const layout = { ...cell.layout, paper_bgcolor: background, font: { ...cell.layout.font, color } };
  const named = new Set(data.filter(isNamed).map((trace) => trace.name));
  const rows = layout.showlegend === false && named.size > 1 && named.size <= MOST_NAMED ? Math.ceil(named.size / 3) : 0;
  const { width, height } = cell._fullLayout;
  if (rows) {
    const once = new Set();
    for (const trace of data) {
      trace.showlegend = isNamed(trace) && !once.has(trace.name);
      once.add(trace.name);
    }
    layout.showlegend = true;
    layout.legend = { orientation: "h", x: 0, y: -70 / height, yanchor: "top" };
    layout.margin = { ...layout.margin, b: 70 + rows * ROW };
  }
  const size = { width, height: height + (rows ? 34 + rows * ROW : 0) };
  const scale = format === "png" ? SHARPNESS : 1;
  const address = await plotly.toImage({ data, layout }, { format, ...size, scale });
  download(address, fileOf(cell.fitboardName, format));
}

const isNamed = (trace) => trace.name && trace.showlegend !== false && trace.visible !== false;

function withFaded(cell) {
  const data = cell.data.map((trace) => ({ ...trace }));
  for (const curve of cell.querySelectorAll(".scatterlayer .trace.fitboard-unbrushed")) {
    const trace = data[curve.__data__?.[0]?.trace?.index];
    if (trace) Object.assign(trace, { opacity: FAINT, showlegend: false });
  }
  return data;
}

function saveTable({ name, text }) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  download(address, fileOf(name, "csv"));
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser may still be reading it
}
