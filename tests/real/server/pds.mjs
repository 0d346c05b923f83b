// A real Bluesky PDS with its own PLC directory, on 127.0.0.1, until SIGTERM, SIGINT or the end of standard input.
//
// Told by the environment: REAL_FOLDER (an empty folder, the only place where anything is written) and REAL_JWT_SECRET (what its
// access tokens are signed with, so that a test can make an expired one). Prints one JSON line when both listen.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import path from 'node:path'
import { PDS } from '@atproto/pds'
import plc from '@did-plc/server'

const { PlcServer, MockDatabase } = plc
const LOOPBACK = '127.0.0.1'

// The address of a PDS is part of the accounts it makes, so its port has to be known before it listens.
async function freePort() {
  const probe = net.createServer().listen(0, LOOPBACK)
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}

// Both programs call listen(port), which means every interface.
function stayOnLoopback(app) {
  const listen = app.listen.bind(app)
  app.listen = (port) => listen(port, LOOPBACK)
}

async function startDirectory() {
  const directory = PlcServer.create({ db: new MockDatabase(), port: 0 })
  stayOnLoopback(directory.app)
  const listening = await directory.start()
  return { directory, directoryUrl: `http://${LOOPBACK}:${listening.address().port}` }
}

async function startPds(folder, jwtSecret, directoryUrl) {
  const inFolder = (name) => path.join(folder, name)
  const pds = await PDS.fromEnv({
    devMode: true,
    port: await freePort(),
    hostname: 'localhost',
    dataDirectory: folder,
    blobstoreDiskLocation: inFolder('blobs'),
    blobstoreDiskTmpLocation: inFolder('blobs-arriving'),
    didPlcUrl: directoryUrl,
    serviceHandleDomains: ['.test'],
    inviteRequired: false,
    disableSsrfProtection: true,
    rateLimitsEnabled: false,
    jwtSecret,
    adminPassword: randomBytes(16).toString('hex'),
    plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString('hex'),
  })
  stayOnLoopback(pds.app)
  const listening = await pds.start()
  return { pds, address: listening.address() }
}

const { REAL_FOLDER, REAL_JWT_SECRET } = process.env
if (!REAL_FOLDER || !REAL_JWT_SECRET) throw new Error('REAL_FOLDER and REAL_JWT_SECRET must be set')

const { directory, directoryUrl } = await startDirectory()
const { pds, address } = await startPds(REAL_FOLDER, REAL_JWT_SECRET, directoryUrl)

let stopping = false
async function stop() {
  if (stopping) return
  stopping = true
  await pds.destroy()
  await directory.destroy()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
// Whoever started this holds the other end: a test run that is killed takes the server with it.
process.stdin.resume().on('end', stop).on('error', stop)

const ready = { ready: true, port: address.port, address: address.address, plc: directoryUrl, node: process.version }
console.log(JSON.stringify(ready))
