package storageauth

import "strings"

// Level is the least that a service or user delegation SAS must be for.
type Level int

// The levels.
const (
	// LevelNever: no SAS for a container or less allows the operation.
	LevelNever Level = iota
	// LevelContainer: one for a container, or a directory of it.
	LevelContainer
	// LevelBase: one that covers the base blob, which one for a snapshot or version does not.
	LevelBase
	// LevelBlob: any one that covers the blob, or what of it is asked for.
	LevelBlob
)

// Need is what a SAS must have for an operation. The zero Need is met by none.
type Need struct {
	// Service is the letter of ss that an account SAS must have; empty is that of blobs.
	Service string
	// Level is for service and user delegation SAS.
	Level Level
	// Types are the letters of srt of which an account SAS has one; empty: none will do.
	Types string
	// Letters are those of sp of which one is needed; empty: any SAS will do.
	Letters string
	// Overwrite tells that a missing letter is about overwriting, not about writing.
	Overwrite bool
}

// Operation is an operation of the blob service, told apart as permissions do: a write to
// a blob that is there, and one that makes it, are two.
type Operation string

// Operations whose needs differ by what they meet.
const (
	// PutBlob makes a blob, OverwriteBlob writes to one that exists; CopyBlob and
	// OverwriteByCopy likewise, at the destination.
	PutBlob         Operation = "PutBlob"
	OverwriteBlob   Operation = "OverwriteBlob"
	CopyBlob        Operation = "CopyBlob"
	OverwriteByCopy Operation = "OverwriteByCopy"
	// PutBlock stands for Put Block and Put Block List; PutBlockOfNewBlob for the same
	// where the blob does not exist, if both sv and x-ms-version are 2026-04-06 or later.
	PutBlock          Operation = "PutBlock"
	PutBlockOfNewBlob Operation = "PutBlockOfNewBlob"
	// DeleteBlob deletes the current blob and snapshots, DeleteVersion a version,
	// DeletePermanently a soft-deleted snapshot or version.
	DeleteBlob        Operation = "DeleteBlob"
	DeleteVersion     Operation = "DeleteVersion"
	DeletePermanently Operation = "DeletePermanently"
	// LeaseBlob and LeaseContainer are all actions but break.
	LeaseBlob           Operation = "LeaseBlob"
	BreakBlobLease      Operation = "BreakBlobLease"
	LeaseContainer      Operation = "LeaseContainer"
	BreakContainerLease Operation = "BreakContainerLease"
)

// All other operations.
const (
	ListContainers        Operation = "ListContainers"
	GetServiceProperties  Operation = "GetServiceProperties"
	SetServiceProperties  Operation = "SetServiceProperties"
	GetServiceStats       Operation = "GetServiceStats"
	FindBlobsByTags       Operation = "FindBlobsByTags"
	GetUserDelegationKey  Operation = "GetUserDelegationKey"
	GetAccountInformation Operation = "GetAccountInformation"
	CreateContainer       Operation = "CreateContainer"
	GetContainer          Operation = "GetContainer"
	SetContainerMetadata  Operation = "SetContainerMetadata"
	GetContainerACL       Operation = "GetContainerACL"
	SetContainerACL       Operation = "SetContainerACL"
	DeleteContainer       Operation = "DeleteContainer"
	RestoreContainer      Operation = "RestoreContainer"
	ListBlobs             Operation = "ListBlobs"
	FindBlobsInContainer  Operation = "FindBlobsInContainer"
	SubmitBatch           Operation = "SubmitBatch"
	ReadBlob              Operation = "ReadBlob"
	WriteBlob             Operation = "WriteBlob"
	AppendBlock           Operation = "AppendBlock"
	SnapshotBlob          Operation = "SnapshotBlob"
	GetBlobTags           Operation = "GetBlobTags"
	SetBlobTags           Operation = "SetBlobTags"
	UndeleteBlob          Operation = "UndeleteBlob"
	SetBlobExpiry         Operation = "SetBlobExpiry"
	SetImmutabilityOrHold Operation = "SetImmutabilityOrHold"
)

// needs is the table "Permissions for a directory, container, or blob" of "Create a
// service SAS" beside "Blob service operations" of "Create an account SAS"
// (BLOB-SAS-038, BLOB-SAS-040, BLOB-SAS-041).
var needs = map[Operation]Need{
	ListContainers:        {Types: "s", Letters: "l"},
	GetServiceProperties:  {Types: "s", Letters: "r"},
	SetServiceProperties:  {Types: "s", Letters: "w"},
	GetServiceStats:       {Types: "s", Letters: "r"},
	FindBlobsByTags:       {Types: "s", Letters: "f"},
	GetUserDelegationKey:  {},
	GetAccountInformation: {Level: LevelBlob, Types: "sco"},

	CreateContainer:      {Types: "c", Letters: "cw"},
	GetContainer:         {Types: "c", Letters: "r"},
	SetContainerMetadata: {Types: "c", Letters: "w"},
	GetContainerACL:      {},
	SetContainerACL:      {},
	LeaseContainer:       {Types: "c", Letters: "w"},
	BreakContainerLease:  {Types: "c", Letters: "wd"},
	DeleteContainer:      {Types: "c", Letters: "d"},
	RestoreContainer:     {Types: "c", Letters: "w"},
	ListBlobs:            {Level: LevelContainer, Types: "c", Letters: "l"},
	FindBlobsInContainer: {Level: LevelContainer, Types: "c", Letters: "f"},
	SubmitBatch:          {Level: LevelContainer, Types: "co"},

	ReadBlob:              {Level: LevelBlob, Types: "o", Letters: "r"},
	PutBlob:               {Level: LevelBase, Types: "o", Letters: "cw"},
	OverwriteBlob:         {Level: LevelBase, Types: "o", Letters: "w", Overwrite: true},
	CopyBlob:              {Level: LevelBase, Types: "o", Letters: "cw"},
	OverwriteByCopy:       {Level: LevelBase, Types: "o", Letters: "w", Overwrite: true},
	PutBlock:              {Level: LevelBase, Types: "o", Letters: "w"},
	PutBlockOfNewBlob:     {Level: LevelBase, Types: "o", Letters: "cw"},
	WriteBlob:             {Level: LevelBase, Types: "o", Letters: "w"},
	AppendBlock:           {Level: LevelBase, Types: "o", Letters: "aw"},
	SnapshotBlob:          {Level: LevelBase, Types: "o", Letters: "cw"},
	LeaseBlob:             {Level: LevelBase, Types: "o", Letters: "w"},
	BreakBlobLease:        {Level: LevelBase, Types: "o", Letters: "wd"},
	GetBlobTags:           {Level: LevelBlob, Types: "o", Letters: "t"},
	SetBlobTags:           {Level: LevelBlob, Types: "o", Letters: "t"},
	DeleteBlob:            {Level: LevelBlob, Types: "o", Letters: "d"},
	DeleteVersion:         {Level: LevelBlob, Types: "o", Letters: "x"},
	DeletePermanently:     {Level: LevelBlob, Types: "o", Letters: "y"},
	UndeleteBlob:          {Level: LevelBase, Types: "o", Letters: "w"},
	SetBlobExpiry:         {Level: LevelBase, Types: "o", Letters: "w"},
	SetImmutabilityOrHold: {Level: LevelBlob, Types: "o", Letters: "i"},
}

// Needs is what a SAS must have for an operation; one that is not in the table is allowed
// by none.
func Needs(o Operation) Need { return needs[o] }

// serviceLetters are the letters of sp in service and user delegation SAS, each with the
// first version that knows it; accountLetters those in account SAS (BLOB-SAS-026).
var (
	serviceLetters = map[byte]string{
		'r': "", 'w': "", 'd': "", 'l': "", 'a': "2015-04-05", 'c': "2015-04-05", 'x': "2019-10-10", 'y': "2019-10-10",
		't': "2019-12-12", 'f': "2019-12-12", 'm': "2020-02-10", 'e': "2020-02-10", 'o': "2020-02-10", 'p': "2020-02-10", 'i': "2020-06-12",
	}
	accountLetters = map[byte]string{
		'r': "", 'w': "", 'd': "", 'l': "", 'a': "", 'c': "", 'u': "", 'p': "",
		'x': "2019-10-10", 'y': "2019-10-10", 't': "2019-12-12", 'f': "2019-12-12", 'i': "2020-06-12",
	}
)

// letterOrder is the order of the letters in service and user delegation SAS
// (BLOB-SAS-023). Clients disagree about the others, but for f, which follows t.
const letterOrder = "racwdxltmeop"

// knowsLetters tells whether sp is well formed: letters that kind and version know, none
// of them twice, and but for account SAS (BLOB-SAS-024) in order.
func (s *SAS) knowsLetters(sp string) bool {
	letters := serviceLetters
	if s.Kind == KindAccount {
		letters = accountLetters
	}
	last := -1
	for i := range len(sp) {
		since, known := letters[sp[i]]
		if !known || s.Version < since || strings.IndexByte(sp[:i], sp[i]) >= 0 {
			return false
		}
		if s.Kind == KindAccount {
			continue
		}
		if at := strings.IndexByte(letterOrder, sp[i]); at >= 0 {
			if at < last {
				return false
			}
			last = at
		}
		if sp[i] == 't' && strings.IndexByte(sp[:i], 'f') >= 0 {
			return false
		}
	}
	return true
}
