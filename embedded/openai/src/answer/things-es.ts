/** Spanish words for what shops, studios, and practices have in common. */
const THINGS = new Map(
  `cita:appointment turno:appointment reserva:reservation reservar:book clase:class curso:course taller:workshop
  envio:shipping entrega:delivery domicilio:delivery devolucion:return devolver:return cambio:exchange reembolso:refund
  garantia:warranty pago:payment pagar:pay tarjeta:card efectivo:cash estacionamiento:parking estacionar:park
  parqueo:parking bano:restroom perro:dog mascota:pet gato:cat nino:children bebe:baby descuento:discount regalo:gift
  empleo:jobs trabajo:jobs alquiler:rental alquilan:rent alquilar:rent reparacion:repair reparan:repair arreglan:repair
  limpieza:cleaning corte:haircut pelo:hair cabello:hair barba:beard unas:nails masaje:massage libro:book revista:magazine
  juguete:toy bicicleta:bike casco:helmet candado:lock llanta:tire planta:plant flor:flower arbol:tree tierra:soil
  semilla:seed cafe:coffee te:tea pan:bread pastel:cake torta:cake galleta:cookie leche:milk agua:water comida:food
  desayuno:breakfast almuerzo:lunch cena:dinner ropa:clothes zapatos:shoes camisa:shirt camiseta:t-shirt gorra:cap bolsa:bag
  mesa:table silla:chair lampara:lamp pintura:paint martillo:hammer clavos:nails tornillos:screws llave:key herramienta:tool
  madera:wood diente:tooth muela:tooth extraccion:extraction corona:crown seguro:insurance lentes:glasses
  membresia:membership pase:pass mensual:monthly anual:annual boleto:ticket rojo:red azul:blue verde:green negro:black
  blanco:white grande:large pequeno:small nuevo:new usado:used gratis:free`
    .split(/\s+/)
    .map((line) => line.split(':') as [string, string]),
);

/** A Spanish text with the things that it names in English, for files that are English. Pure. */
export function nameThingsInEnglish(text: string): string {
  return text.replaceAll(/\p{L}+/gu, (word) => {
    const folded = word.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
    const singular = [folded, folded.replace(/s$/, ''), folded.replace(/es$/, '')].find((form) => THINGS.has(form));
    return THINGS.get(singular ?? '') ?? word;
  });
}
