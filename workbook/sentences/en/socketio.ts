import type { Catalogue } from '../catalogue.ts'

/** The packets of Engine.IO, and those of Socket.IO inside. */
export const socketioSentences: Catalogue = {
  'engineio.empty-packet': 'an empty packet: 0 to 6 are',
  'engineio.no-packet-type': '{type} is no packet type: 0 to 6 are',
  'engineio.open-without-json': 'an open packet holds JSON',
  'engineio.sent-by-server': '{name} is sent by the server',
  'engineio.sent-by-client': '{name} is sent by the client',
  'engineio.not-base64': 'what follows b is not Base64',

  'socketio.no-packet-type': '{type} is no packet type: 0 to 6 are',
  'socketio.not-json': 'not JSON',
  'socketio.count-missing': '{name} must say how many binary frames follow',
  'socketio.count-needless': '{name} has no binary frames',
  'socketio.too-many-attachments': 'at most {most} are taken; {count} are announced',
  'socketio.event-without-name': 'an event is a list that begins with its name',
  'socketio.event-kept': '“{event}” is kept for the library itself',
  'socketio.ack-without-list': 'an acknowledgement holds a list',
  'socketio.ack-without-id': 'an acknowledgement names the id that it answers',
  'socketio.connect-data': 'CONNECT holds an object or nothing',
  'socketio.connect-answer': 'the answer to CONNECT holds the id of the socket',
  'socketio.disconnect-data': 'DISCONNECT holds nothing',
  'socketio.connect-error-sender': 'CONNECT_ERROR is sent by the server',

  'socketio.still-waits': 'unit {unit} still waits for binary frames',
  'socketio.unannounced': 'binary data that no packet announced',
  'socketio.placeholder': 'placeholder {number} has no binary frame',
  'socketio.not-connected': '{namespace} was not connected',
  'socketio.connected-already': '{namespace} is connected already',
}
