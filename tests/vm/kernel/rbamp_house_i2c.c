// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * An I2C adapter whose transfers a process answers: read() on /dev/rbamp_house gives one transfer, write() its answer.
 * For the machine tests: rbampd then goes through the kernel's own i2c-dev, and the simulated modules answer.
 *
 * Transfer: u32 number, u32 count, count times { u16 address, u16 flags, u16 length }, then the bytes of the writes.
 * Answer: u32 number, s32 status (0 or a negative errno), then the bytes of the reads.
 */
#include <linux/fs.h>
#include <linux/i2c.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define MOST_MESSAGES 2
#define MOST_BYTES 8192
#define BUFFER_SIZE (8 + 6 * MOST_MESSAGES + MOST_BYTES)

enum progress { IDLE, ASKED, TAKEN, ANSWERED };

static DECLARE_WAIT_QUEUE_HEAD(changed);
static DEFINE_MUTEX(lock);
static enum progress progress;
static bool is_served;
static u32 number;
static s32 status;
static size_t asked_size;
static size_t answer_size;
static u8 asked[BUFFER_SIZE];
static u8 answer[MOST_BYTES];

static void put(const void *from, size_t size)
{
	memcpy(asked + asked_size, from, size);
	asked_size += size;
}

static int transfer(struct i2c_adapter *adapter, struct i2c_msg *messages, int count)
{
	u32 message_count = count;
	size_t bytes = 0;
	size_t wanted = 0;
	u8 *from = answer;
	int i;

	if (count > MOST_MESSAGES)
		return -EOPNOTSUPP;
	for (i = 0; i < count; i++)
		bytes += messages[i].len;
	if (bytes > MOST_BYTES)
		return -EOPNOTSUPP;

	mutex_lock(&lock);
	if (!is_served) {
		mutex_unlock(&lock);
		return -ENXIO;
	}
	number++;
	asked_size = 0;
	put(&number, sizeof(number));
	put(&message_count, sizeof(message_count));
	for (i = 0; i < count; i++) {
		put(&messages[i].addr, 2);
		put(&messages[i].flags, 2);
		put(&messages[i].len, 2);
	}
	for (i = 0; i < count; i++) {
		if (messages[i].flags & I2C_M_RD)
			wanted += messages[i].len;
		else
			put(messages[i].buf, messages[i].len);
	}
	progress = ASKED;
	mutex_unlock(&lock);
	wake_up_all(&changed);
	wait_event_timeout(changed, READ_ONCE(progress) == ANSWERED || !READ_ONCE(is_served), adapter->timeout);

	mutex_lock(&lock);
	if (progress != ANSWERED)
		status = is_served ? -ETIMEDOUT : -ENXIO;
	else if (status == 0 && answer_size != wanted)
		status = -EPROTO;
	for (i = 0; i < count && status == 0; i++) {
		if (!(messages[i].flags & I2C_M_RD))
			continue;
		memcpy(messages[i].buf, from, messages[i].len);
		from += messages[i].len;
	}
	progress = IDLE;
	i = status;
	mutex_unlock(&lock);
	return i ? i : count;
}

static u32 functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
}

static const struct i2c_algorithm algorithm = {
	.master_xfer = transfer,
	.functionality = functionality,
};

static struct i2c_adapter house = {
	.owner = THIS_MODULE,
	.name = "rbamp house",
	.algo = &algorithm,
	.timeout = HZ,
};

static int serve(struct inode *inode, struct file *file)
{
	int result = 0;

	mutex_lock(&lock);
	if (is_served)
		result = -EBUSY;
	else
		is_served = true;
	mutex_unlock(&lock);
	return result;
}

static int leave(struct inode *inode, struct file *file)
{
	mutex_lock(&lock);
	is_served = false;
	mutex_unlock(&lock);
	wake_up_all(&changed);
	return 0;
}

static ssize_t take(struct file *file, char __user *to, size_t size, loff_t *offset)
{
	ssize_t result;

	do {
		if (wait_event_interruptible(changed, READ_ONCE(progress) == ASKED))
			return -ERESTARTSYS;
		mutex_lock(&lock);
		result = -EAGAIN;
		if (progress == ASKED) {
			result = asked_size;
			if (size < asked_size)
				result = -EMSGSIZE;
			else if (copy_to_user(to, asked, asked_size))
				result = -EFAULT;
			else
				progress = TAKEN;
		}
		mutex_unlock(&lock);
	} while (result == -EAGAIN);
	return result;
}

static ssize_t give(struct file *file, const char __user *from, size_t size, loff_t *offset)
{
	struct {
		u32 number;
		s32 status;
	} head;
	ssize_t result = size;

	if (size < sizeof(head) || size - sizeof(head) > MOST_BYTES || copy_from_user(&head, from, sizeof(head)))
		return -EINVAL;
	mutex_lock(&lock);
	if (progress != TAKEN || head.number != number) {
		result = -ESTALE; /* the caller has waited too long */
	} else if (copy_from_user(answer, from + sizeof(head), size - sizeof(head))) {
		result = -EFAULT;
	} else {
		answer_size = size - sizeof(head);
		status = head.status;
		progress = ANSWERED;
	}
	mutex_unlock(&lock);
	wake_up_all(&changed);
	return result;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = serve,
	.release = leave,
	.read = take,
	.write = give,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "rbamp_house",
	.fops = &operations,
	.mode = 0600,
};

static int __init begin(void)
{
	int result = misc_register(&device);

	if (result)
		return result;
	result = i2c_add_adapter(&house);
	if (result)
		misc_deregister(&device);
	return result;
}

static void __exit end(void)
{
	i2c_del_adapter(&house);
	misc_deregister(&device);
}

module_init(begin);
module_exit(end);
MODULE_DESCRIPTION("I2C adapter that a process answers, for the machine tests of rbampd");
MODULE_LICENSE("Dual MIT/GPL");
