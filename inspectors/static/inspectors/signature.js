// A signature on glass, kept as a picture in the form's own file field.
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
    field.files = new DataTransfer().files;
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
    pad.toBlob((blob) => {
      const files = new DataTransfer();
      files.items.add(new File([blob], "signature.jpg", { type: "image/jpeg" }));
      field.files = files.files;
    }, "image/jpeg", 0.9);
  };
  pad.addEventListener("pointerup", keep);
  pad.addEventListener("pointercancel", keep);
  document.getElementById("sign-clear").addEventListener("click", blank);
  blank();
}
