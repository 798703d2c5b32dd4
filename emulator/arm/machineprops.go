package arm

import "github.com/linarite/linarite/emulator/state"

// The properties of machines: enough for clients to digest, the same for every machine,
// since no machine of a world has disks or a network.

type vmProps struct {
	Hardware     vmHardware `json:"hardwareProfile"`
	Provisioning string     `json:"provisioningState"`
	VMID         string     `json:"vmId"`
	Storage      vmStorage  `json:"storageProfile"`
	OS           vmOS       `json:"osProfile"`
	Network      vmNetwork  `json:"networkProfile"`
}

type vmHardware struct {
	Size string `json:"vmSize"`
}

type vmStorage struct {
	Image vmImage  `json:"imageReference"`
	OS    vmDisk   `json:"osDisk"`
	Data  []vmDisk `json:"dataDisks"`
}

type vmImage struct {
	Publisher string `json:"publisher"`
	Offer     string `json:"offer"`
	SKU       string `json:"sku"`
	Version   string `json:"version"`
}

type vmDisk struct {
	OSType string `json:"osType"`
	Name   string `json:"name"`
	Create string `json:"createOption"`
}

type vmOS struct {
	Computer string `json:"computerName"`
	Admin    string `json:"adminUsername"`
}

type vmNetwork struct {
	Interfaces []string `json:"networkInterfaces"`
}

func vmProperties(m state.Machine, provisioning string) vmProps {
	return vmProps{
		Hardware: vmHardware{"Standard_D2s_v5"}, Provisioning: provisioning, VMID: m.VMID,
		Storage: vmStorage{vmImage{"canonical", "ubuntu-24_04-lts", "server", "latest"}, vmDisk{"Linux", m.Name + "_OsDisk", "FromImage"}, []vmDisk{}},
		OS:      vmOS{m.Name, "azureuser"}, Network: vmNetwork{[]string{}},
	}
}

type setProps struct {
	Upgrade       setUpgrade `json:"upgradePolicy"`
	Provisioning  string     `json:"provisioningState"`
	Overprovision bool       `json:"overprovision"`
	UniqueID      string     `json:"uniqueId"`
}

type setUpgrade struct {
	Mode string `json:"mode"`
}

func setProperties(m state.Machine, provisioning string) setProps {
	return setProps{setUpgrade{"Automatic"}, provisioning, true, m.VMID}
}
