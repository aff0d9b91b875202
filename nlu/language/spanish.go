package language

var spanish = table{
	tag: "es",
	words: `
el la los las un una unos unas de del al y e o u pero sino no ni nunca jamás nada nadie que qué quien quién quienes cual cuál cuáles cuando cuándo
cómo como dónde donde por porque para cuánto cuánta cuántos cuántas cuanto yo tú usted él ella nosotros vosotros ustedes ellos ellas me te se
nos os lo le les mí ti conmigo contigo mi mis tu tus su sus nuestro nuestra nuestros vuestro este esta esto estos estas ese esa eso esos esas aquel aquella
es soy eres somos sois son era eran fue fueron sido ser será serán sería sea está estoy estás estamos estáis están estaba estaban estado estar estará esté
he has ha hemos habéis han había habían haber habrá hay hubo haya voy vas va vamos vais van ir iba iban vaya ve
tengo tienes tiene tenemos tenéis tienen tener tenía tuvo ten hago haces hace hacen hacer hecho haz hazlo hizo puedo puedes puede podemos podéis pueden poder podría podrías
quiero quieres quiere queremos quieren querer quería quisiera quiera debo debes debe deben deber debería sé sabes sabe saber digo dices dice dicen decir dime dinos dile dijo
veo ves ver visto mira mirar muestra muestre muestras mostrar muéstrame muestrame enséñame enseñame enseña enseñar da das dar dame dio envía envia enviar envíame manda mandar mándame
escribe escribir lee leer busca buscar encuentra encontrar añade añadir agrega agregar pon poner ponme quita quitar borra borrar elimina eliminar crea crear
cambia cambiar modifica modificar inicia iniciar arranca arrancar reinicia reiniciar para parar detén detener apaga apagar apagado apagada apagadas enciende encender
abre abrir abierto cierra cerrar cerrado comprueba comprobar revisa revisar funciona funcionan funcionar funcionando anda marcha caído caída caido caida caídos
ayuda ayudar ayúdame ayudame llama llamar llámame responde responder contesta contestar contestado pregunta preguntar recuerda recordar recuérdame recuerdame recordatorio
olvida olvidar olvídalo mueve mover cancela cancelar anula anular suscribe suscribir suscríbeme suscripción suscripciones avisa avisar avísame aviso avisos deja dejar déjalo
reunión reuniones cita citas evento eventos calendario agenda sala máquina máquinas maquina maquinas ordinador ordenador equipo equipos servidor servidores
problema problemas fallo fallos error errores roto rota arreglado arreglada lento lenta rápido rápida disponible ocupado libre cliente clientes incidencia incidencias
mensaje mensajes correo correos alerta alertas lista listar
hola buenas buenos buen bueno buena gracias favor adiós adios luego mañana manana tarde noche tardes noches días día dias hoy ayer anoche
sí si vale claro bien mal quizás quizá tal vez realmente todavía todavia aún aun ya siempre menudo veces pronto ahora entonces después despues antes luego
lunes martes miércoles miercoles jueves viernes sábado sabado domingo enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
semana semanas mes meses año años hora horas minuto minutos segundo segundos tiempo momento rato fin
uno dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta primero primera primer segunda tercero último última últimos próximo próxima siguiente
nuevo nueva nuevos nuevas viejo pequeño grande mejor peor otro otra otros otras mismo misma mismos mucho mucha muchos muchas muy poco poca pocos más mas menos
tan tanto todo toda todos todas cada algo alguien algún alguno alguna algunos ningún ninguno ninguna varios ambos tal demasiado bastante casi
con sin sobre en entre desde hasta hacia contra durante según tras ante bajo aquí aqui allí alli ahí ahi allá acá lejos cerca dentro fuera encima también tambien tampoco
aunque mientras pues así asi sólo solo además incluso excepto pasa pasó pasado pasar llega llego llegar llegado viene vienen venir ven sale salir
necesito necesita necesitas necesitamos necesitar creo creer piensa pienso pensar espera esperar espero quedar queda sigue seguir gusta gustaría gustan habla hablar
lleva llevo llevar trae traer toma tomar juega jugar compra comprar cuesta pagar comer vivir trabaja trabajar cuenta cuéntame contar conectar
tiempo llueve lluvia calor frío dinero banco tarjeta casa oficina gente amigo amigos música canción ciudad mundo trabajo nombre número palabra cosa cosas
guardia novedades novedad listado acerca puedas puedan puedo hagas digas sepa vuelve volver vuelto vuelta avería averías
amo amas odio odias gracioso divertido aburrido aburres feliz triste enfadado cansado hambre sed bonito guapo guapa loco lista listo enfermo espero deseo supongo verdad cierto mentira
preocupa preocupes casar casarte naciste nacido cumpleaños padre madre hermano hermana hijo hijos niño niña chico chica humano humana robot pregunta respuesta deletrea calcula mitad
total importe saldo factura facturas pago pagos transferencia retirar ingresar préstamo interés impuestos seguro sueldo comisión reembolso viaje viajar vuelo avión tren estación ruta calle
dirección cerca restaurante cena comida desayuno receta cocinar compras tienda pedido pedir entrega entregado paquete temperatura grados pronóstico nieve sol nubes viento tormenta paraguas
álbum artista película cine libro libros estrellas juego juegos volumen despertador reloj fecha moneda dado azar chiste historia significado capital ajuste ajustes modo voz idioma idiomas
repite repetir pausa continuar información consejo sugerencia recomienda recomendar explica explicar describe compara empresa compañía jefe vacaciones médico salud batería motor
perdido perdida robado caducado activar activado verificación límite aumentar reducir mejorar lugar lejos ruido luz ventana puerta suelo corriente lámpara apuntar inscribir registrar registrarme
sustituir restablecer correctamente exactamente sobretodo archivo archivos carpeta usuario contraseña conexión desconectar guardar impresora pantalla estáis quedan quedado vuestra vuestras
tuyo tuya suyo mía míos demás dijiste hiciste conoces conozco conocer sientes siento encanta odia tonto tonta inteligente trabajas vives eliges desarrollado ocupada lunes-viernes favorita favorito
`,
	text: `
¿Cuál es el estado del servidor de correo ahora mismo? ¿Sigue funcionando la base de datos? Lleva tres horas caída.
¿Desde hace cuánto tiempo pasa esto? ¿Puedes mostrarme la lista de todas las máquinas que vigilamos? ¿Cuál de ellas no responde?
Me gustaría saber cuándo empieza la próxima reunión y quién va a estar. ¿Podrías avisarme cuando vuelva a estar disponible, por favor?
Recuérdame diez minutos antes de la llamada. Algo no va bien con la página web y nadie lo ha mirado todavía.
Dime si ocurre alguna cosa. No quiero oír más de esto. Avisa a los demás de que llego con retraso.
Deberíamos mirar qué ha pasado esta noche. La clienta ha escrito que no puede entrar en su cuenta desde ayer por la mañana.
Muchas gracias por tu ayuda, eso es todo lo que quería saber. Buenos días, ¿qué tal estás hoy? Estoy bien, gracias.
Apágalo y vuelve a encenderlo. Añade otra sala al calendario e invita a todos los que trabajan con nosotros. Deja de mandarme esos mensajes.
Cancela mi cita del viernes por la tarde y pásala a la semana que viene. ¿Qué hora es allí? ¿Cuánta gente viene?
Esto no funciona como debería. ¿Has recibido el informe que te envié? Sí, pero aún no he tenido tiempo de leerlo.
No importa, ya lo he encontrado yo mismo. ¿Dónde están los registros de la copia de seguridad? Los han movido a otra carpeta.
¿Queda algo más por hacer antes de que nos vayamos? Dame un minuto, vuelvo enseguida. Esto no tendría que haber ocurrido.
¿Quién cerró la incidencia y por qué? El fallo estaba arreglado pero ha vuelto con la nueva versión. Pon la alarma a las siete.
¿Cómo cambio mi contraseña? Quisiera hablar con alguien sobre mi cuenta. ¿Por qué rechazaron mi tarjeta cuando intenté pagar?
¿Qué tiempo hará este fin de semana? ¿Va a llover mañana? Pon algo de música de mi lista favorita. Búscame un buen sitio para comer.
Mi pedido sigue sin llegar y me gustaría que me devolvieran el dinero. ¿Cuánto cuesta una transferencia al extranjero?
¿Puedes explicar qué salió mal? Parece que el disco está lleno. Todo parece funcionar correctamente de momento.
En resumen, nada ha cambiado. Pensaba que ya estábamos de acuerdo en eso. No se ha encontrado su solicitud, lo siento.
¿Esperamos a que terminen o empezamos sin ellos? Haz lo que te parezca mejor. No le quites el ojo de encima, ¿quieres?
Asegúrate de que la luz de la cocina esté encendida cuando llegue a casa. ¿Cuál debería elegir? Cualquiera de los dos me vale.
Despiértame si la temperatura sube de treinta grados. Repítelo dentro de media hora. Los tres primeros están listos, borra el resto.
¿Cuál es vuestro horario? ¿De dónde eres? ¿Cuántos años tienes? ¿Quién te ha creado? ¿Hablas otros idiomas? Cuéntame un chiste.
Ella decía que otra vez tenían dificultades con la red. Él cree que pudo ser el cortafuegos, aunque yo lo dudo mucho.
Programa una revisión con todo el equipo cada lunes a las nueve. Apunta que nos hacen falta más sillas. Busca el teléfono de la oficina.
¿Han llegado nuevas peticiones? Asígname esta a mí. Ponla la primera de la cola. No hay nada más urgente que eso ahora.
`,
}
