package main

import (
	"encoding/binary"
	"math/bits"
)

// set is a set of rows or of groups.
type set struct {
	// dense has a bit for each.
	dense []uint64
	// sparse is in the format of Roaring bitmaps, without run containers: every 65 536 bits that
	// have any are a container, of at most 4 096 sorted numbers or of a bit for each.
	sparse []byte
	// count is how many it has.
	count int
}

const (
	roaringCookie   = 12346
	containerArray  = 4096
	containerBytes  = 8192
	containerHeader = 8
)

// container returns the container at this index: its first bit, how many it has, and its bytes.
func (s *set) container(i int) (first, count int, data []byte) {
	header := s.sparse[containerHeader+4*i:]
	first = int(binary.LittleEndian.Uint16(header)) << 16
	count = int(binary.LittleEndian.Uint16(header[2:])) + 1
	at := binary.LittleEndian.Uint32(s.sparse[containerHeader+4*s.containers()+4*i:])
	length := containerBytes
	if count <= containerArray {
		length = 2 * count
	}
	return first, count, s.sparse[at : int(at)+length]
}

func (s *set) containers() int {
	if s.sparse == nil {
		return 0
	}
	return int(binary.LittleEndian.Uint32(s.sparse[4:]))
}

// check reads the whole of a sparse set: whether it is one, of bits below limit, in order.
func (s *set) check(limit int) bool {
	size := uint64(len(s.sparse))
	if size < containerHeader || binary.LittleEndian.Uint32(s.sparse) != roaringCookie {
		return false
	}
	containers := uint64(binary.LittleEndian.Uint32(s.sparse[4:]))
	if containers > 1<<16 || size < containerHeader+8*containers {
		return false
	}
	next, total := 0, 0
	for i := range int(containers) {
		header := s.sparse[containerHeader+4*i:]
		count := uint64(binary.LittleEndian.Uint16(header[2:])) + 1
		length := uint64(containerBytes)
		if count <= containerArray {
			length = 2 * count
		}
		at := uint64(binary.LittleEndian.Uint32(s.sparse[containerHeader+4*int(containers)+4*i:]))
		if at+length > size {
			return false
		}
		first, _, data := s.container(i)
		if first < next {
			return false
		}
		next = first
		if count > containerArray {
			if found := checkBits(data, limit-first); found != int(count) {
				return false
			}
			next = first + 1<<16
		} else {
			for ; len(data) >= 2; data = data[2:] {
				bit := first + int(binary.LittleEndian.Uint16(data))
				if bit < next || bit >= limit {
					return false
				}
				next = bit + 1
			}
			next = first + 1<<16
		}
		total += int(count)
	}
	return total == s.count
}

// checkBits counts bits, or returns -1 if one of them is not below limit.
func checkBits(data []byte, limit int) int {
	count := 0
	for i, b := range data {
		if b != 0 && i*8+bits.Len8(b) > limit {
			return -1
		}
		count += bits.OnesCount8(b)
	}
	return count
}

// addTo sets the bits of the set in to.
func (s *set) addTo(to []uint64) {
	if s.dense != nil {
		orInto(to, s.dense)
		return
	}
	for i := range s.containers() {
		first, count, data := s.container(i)
		if count > containerArray {
			words := to[first/64:]
			for i := 0; len(data) >= 8 && i < len(words); i++ {
				words[i] |= binary.LittleEndian.Uint64(data)
				data = data[8:]
			}
			continue
		}
		for ; len(data) >= 2; data = data[2:] {
			bit := first + int(binary.LittleEndian.Uint16(data))
			to[bit>>6] |= uint64(1) << (bit & 63)
		}
	}
}

// countIn counts the bits of a sparse set that the words have too.
func (s *set) countIn(words []uint64) (count uint32) {
	for i := range s.containers() {
		first, ones, data := s.container(i)
		if ones > containerArray {
			for at := first / 64; len(data) >= 8 && at < len(words); at++ {
				count += uint32(bits.OnesCount64(binary.LittleEndian.Uint64(data) & words[at]))
				data = data[8:]
			}
			continue
		}
		for ; len(data) >= 8; data = data[8:] {
			four := binary.LittleEndian.Uint64(data)
			count += bitOf(words, first+int(four&0xffff)) + bitOf(words, first+int(four>>16&0xffff)) +
				bitOf(words, first+int(four>>32&0xffff)) + bitOf(words, first+int(four>>48))
		}
		for ; len(data) >= 2; data = data[2:] {
			count += bitOf(words, first+int(binary.LittleEndian.Uint16(data)))
		}
	}
	return count
}

func bitOf(words []uint64, bit int) uint32 {
	return uint32(words[bit>>6] >> (bit & 63) & 1)
}

// bitsOf calls found with each bit of a sparse set that the words have too, in order.
func (s *set) bitsOf(words []uint64, found func(bit int)) {
	for i := range s.containers() {
		first, count, data := s.container(i)
		if count > containerArray {
			for at := first / 64; len(data) >= 8 && at < len(words); at++ {
				both := binary.LittleEndian.Uint64(data) & words[at]
				data = data[8:]
				for ; both != 0; both &= both - 1 {
					found(at<<6 + bits.TrailingZeros64(both))
				}
			}
			continue
		}
		for ; len(data) >= 2; data = data[2:] {
			bit := first + int(binary.LittleEndian.Uint16(data))
			if words[bit>>6]>>(bit&63)&1 != 0 {
				found(bit)
			}
		}
	}
}

// bits returns the set as words.
func (s *set) bits(words int) []uint64 {
	if s.dense != nil {
		return s.dense
	}
	dense := make([]uint64, words)
	s.addTo(dense)
	return dense
}
