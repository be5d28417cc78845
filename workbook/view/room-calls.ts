/** What can be tried, by the names that lab 16 knows, and why it is heard by those who hear it. */
export const calls = [
  {
    call: "io.to('kitchen').emit",
    why: 'All who are in the kitchen. io skips nobody, so who asked for it hears it too.',
  },
  { call: "socket.to('kitchen').emit", why: 'All who are in the kitchen, without the socket itself.' },
  { call: "socket.to('garden').emit", why: 'All who are in the garden. The sender need not be there.' },
  { call: 'socket.emit', why: 'A socket is one client on the server’s side: this is a word to ann.' },
  { call: 'io.emit', why: 'No room is named: everybody who is connected.' },
  { call: 'socket.broadcast.emit', why: 'No room is named: everybody, without the socket itself.' },
  { call: "io.to(['kitchen', 'garden']).emit", why: 'The two sets are joined first: who is in both hears it once.' },
  {
    call: "io.to('kitchen').emit, io.to('garden').emit",
    why: 'Two emits know nothing of each other: who is in both hears it twice.',
  },
  { call: "io.to('garden').except('kitchen').emit", why: 'All who are in the garden and not in the kitchen.' },
  { call: 'io.to(socket.id).emit', why: 'The private room: ann, and whoever else has got into it.' },
  { call: 'socket.to(socket.id).emit', why: 'In ann’s private room is ann, and socket.to leaves ann out.' },
  { call: 'io.to([]).emit', why: 'An empty list is no room, and without a room everybody hears.' },
  { call: 'io.to(undefined).emit', why: 'This is a room, by the name of undefined, and nobody is in it.' },
]
