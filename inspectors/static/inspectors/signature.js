// A signature on glass, kept as a picture in a value of the form.
export function signature() {
  const pad = document.getElementById("sign-pad");
  if (!pad) return;
  const field = document.getElementById("signature");
  const ink = pad.getContext("2d");
  let drawing = false;

  function blank() {
    ink.fillStyle = "#fff";
    ink.fillRect(0, 0, pad.width, pad.height);
    ink.lineWidth = 5;
    ink.lineCap = ink.lineJoin = "round";
    ink.strokeStyle = "#101820";
    field.value = "";
  }

  function place(event) {
    const box = pad.getBoundingClientRect();
    return [((event.clientX - box.left) * pad.width) / box.width, ((event.clientY - box.top) * pad.height) / box.height];
  }

  pad.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    drawing = true;
    ink.beginPath();
    ink.moveTo(...place(event));
  });
  pad.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    ink.lineTo(...place(event));
    ink.stroke();
  });
  const keep = () => {
    if (!drawing) return;
    drawing = false;
    field.value = pad.toDataURL("image/jpeg", 0.8);
  };
  pad.addEventListener("pointerup", keep);
  pad.addEventListener("pointercancel", keep);
  document.getElementById("sign-clear").addEventListener("click", blank);
  blank();
}
