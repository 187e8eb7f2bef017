import { Socket as UdpSocket } from 'node:dgram';
import dns from 'node:dns';
import { Server, Socket } from 'node:net';

function refuse(what: string) {
  return () => {
    throw new Error(`A unit test ${what}; what needs a socket belongs into test/integration`);
  };
}

Socket.prototype.connect = refuse('opened a connection');
Server.prototype.listen = refuse('listened on a port');
UdpSocket.prototype.send = refuse('sent a datagram');
UdpSocket.prototype.bind = refuse('bound a datagram socket');
dns.lookup = refuse('looked up a host name') as never;
